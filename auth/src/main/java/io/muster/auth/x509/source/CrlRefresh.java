package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.EncodedCrl;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.encoding.Printable;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.source.LookClock.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one partition what its source has, and knows when to look again: after the source's
 * interval, earlier if the list ends before, after failures at first soon, then ever later, and at
 * once when the clock was set. All times vary a little, so that many do not come together. One look
 * at a time, on any thread.
 *
 * <p>Before the first look the list that was kept is put in force, so that the source cannot offer
 * an older one.
 */
final class CrlRefresh {

    private static final Logger LOG = LoggerFactory.getLogger(CrlRefresh.class);

    private static final Duration RETRY_FIRST = Duration.ofSeconds(15);
    private static final Duration RETRY_MAX = Duration.ofMinutes(15);
    private static final int DOUBLINGS_MAX = 6;
    private static final Duration AGAIN_MIN = Duration.ofMinutes(1);

    /** A list of more octets takes much memory while it is read. */
    private static final int LARGE = 4 * 1024 * 1024;

    private final CrlPartition partition;
    private final CrlSource source;
    private final CrlStore store;
    private final CrlListener listener;
    private final LookClock clock;
    private final Semaphore largeReads;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();
    private final CompletableFuture<Void> firstLook = new CompletableFuture<>();

    /** These three are handed over with {@link #isUnderWay}. */
    private int failures;

    private OptionalLong retryAt = OptionalLong.empty();
    private boolean isRestored;

    private volatile LookPlan plan;

    /**
     * Has not looked yet.
     *
     * @param largeReads how many large lists may be read at a time, by all that share it
     */
    CrlRefresh(
            CrlPartition partition,
            CrlSource source,
            CrlStore store,
            CrlListener listener,
            LookClock clock,
            Semaphore largeReads) {
        this.partition = partition;
        this.source = source;
        this.store = store;
        this.listener = listener;
        this.clock = clock;
        this.largeReads = largeReads;
        this.plan = LookPlan.atOnce(clock.now());
    }

    /**
     * Whether it is time for a look, and nobody is at it; who is told so has to {@link #run} it, or
     * to {@link #release} it.
     */
    boolean claim() {
        return plan.isDue(clock.now()) && isUnderWay.compareAndSet(false, true);
    }

    /** Who claimed it cannot look after all. */
    void release() {
        isUnderWay.set(false);
    }

    /** Done after the first look, whatever came of it. */
    CompletableFuture<Void> firstLook() {
        return firstLook;
    }

    /** Looks once. Blocks; returns early when the thread is interrupted. */
    void run() {
        boolean isSettled = false;
        try {
            isSettled = look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            planRetry();
            isSettled = true;
        } finally {
            if (!isSettled) {
                // Also after an Error, as of memory: what the source takes for known is not in
                // force.
                planRetry();
            }
            planLook();
            release();
            firstLook.complete(null);
            if (!isSettled) {
                tellRefused(CrlFailure.UNAVAILABLE, "the look was broken off");
            }
        }
    }

    /** True if it ended, well or not, and was told. */
    private boolean look() throws InterruptedException {
        try {
            restore();
            Optional<byte[]> file = source.fetch(plan.isRetryDue(clock.now()));
            if (file.isPresent()) {
                take(EncodedCrl.of(file.get()));
            }
        } catch (CrlRefusedException e) {
            planRetry();
            tellRefused(e.failure(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            planRetry();
            tellRefused(CrlFailure.UNAVAILABLE, Printable.of(e.toString()));
        }
        return true;
    }

    /**
     * What was kept is in force first, or the source is not asked: unless it is no list of this
     * issuer at all, which it may have become by damage or another configuration.
     */
    private void restore() throws IOException, CrlRefusedException, InterruptedException {
        if (!isRestored && partition.current().isEmpty()) {
            Optional<byte[]> kept = store.load(partition);
            if (kept.isPresent()) {
                restore(kept.get());
            }
        }
        isRestored = true;
    }

    private void restore(byte[] kept)
            throws IOException, CrlRefusedException, InterruptedException {
        try {
            RevokedSerials before = revokedNow();
            tellAccepted(read(EncodedCrl.of(kept)), before, "kept");
        } catch (CrlRefusedException e) {
            if (e.failure() == CrlFailure.NOT_YET_VALID) {
                // The clock is wrong, and may be right again.
                throw e;
            }
            Path bad = store.setAside(partition);
            LOG.error(
                    "crl kept is not taken, so older ones may be: source={} file={} failure={}"
                            + " detail=\"{}\"",
                    source,
                    bad,
                    e.failure(),
                    e.getMessage());
        }
    }

    private void take(EncodedCrl list) throws CrlRefusedException, InterruptedException {
        RevokedSerials before = revokedNow();
        AcceptedCrl accepted = read(list);
        tellAccepted(accepted, before, "new");
        try {
            store.save(partition, list);
            failures = 0;
            retryAt = OptionalLong.empty();
        } catch (IOException e) {
            planRetry();
            LOG.error(
                    "crl not kept, a restart forgets it: source={} number={} detail=\"{}\"",
                    source,
                    accepted.number(),
                    Printable.of(e.toString()));
            tell(() -> listener.notKept(partition));
        }
    }

    private AcceptedCrl read(EncodedCrl list) throws CrlRefusedException, InterruptedException {
        if (list.length() <= LARGE) {
            return partition.accept(list);
        }
        largeReads.acquire();
        try {
            return partition.accept(list);
        } finally {
            largeReads.release();
        }
    }

    private RevokedSerials revokedNow() {
        return partition.current().map(AcceptedCrl::revoked).orElseGet(RevokedSerials::none);
    }

    private void tellAccepted(AcceptedCrl list, RevokedSerials before, String origin) {
        LOG.info(
                "crl accepted: source={} origin={} number={} revoked={} nextUpdate={}",
                source,
                origin,
                list.number(),
                list.revoked().size(),
                list.nextUpdate());
        tell(() -> listener.accepted(partition, list, before));
    }

    private void tellRefused(CrlFailure failure, String detail) {
        LOG.warn("crl refused: source={} failure={} detail=\"{}\"", source, failure, detail);
        tell(() -> listener.refused(partition, failure));
    }

    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException e) {
            LOG.error("crl listener failed: source={}", source, e);
        }
    }

    private void planRetry() {
        Duration pause = RETRY_FIRST.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        retryAt = OptionalLong.of(clock.after(clock.now(), shorter(pause, RETRY_MAX)));
    }

    /** Half of the time that the list has left, so that there are several looks before its end. */
    private void planLook() {
        Moment now = clock.now();
        Duration pause =
                partition
                        .current()
                        .map(list -> Duration.between(now.clock(), list.nextUpdate()).dividedBy(2))
                        .map(half -> half.compareTo(AGAIN_MIN) < 0 ? AGAIN_MIN : half)
                        .map(half -> shorter(half, source.interval()))
                        .orElse(source.interval());
        plan = new LookPlan(now, clock.after(now, pause), retryAt);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
