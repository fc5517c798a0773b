package io.muster.auth.x509.source;

import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.revocation.CrlPartition;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one partition what its source has, and knows when to look again: after the source's
 * interval, earlier if the list ends before, and after failures at first soon, then ever later. All
 * times vary a little, so that many do not come together. One look at a time, on any thread.
 */
final class CrlRefresh {

    private static final Logger LOG = LoggerFactory.getLogger(CrlRefresh.class);

    private static final Duration RETRY_FIRST = Duration.ofSeconds(15);
    private static final Duration RETRY_MAX = Duration.ofMinutes(15);
    private static final int DOUBLINGS_MAX = 6;
    private static final Duration AGAIN_MIN = Duration.ofMinutes(1);

    private final CrlPartition partition;
    private final CrlSource source;
    private final CrlListener listener;
    private final Clock clock;
    private final RandomGenerator random;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();
    private final CompletableFuture<Void> firstLook = new CompletableFuture<>();

    /** Handed over with {@link #isUnderWay}. */
    private int failures;

    private volatile Instant lookAt = Instant.MIN;
    private volatile Instant retryAt = Instant.MAX;

    CrlRefresh(
            CrlPartition partition,
            CrlSource source,
            CrlListener listener,
            Clock clock,
            RandomGenerator random) {
        this.partition = partition;
        this.source = source;
        this.listener = listener;
        this.clock = clock;
        this.random = random;
    }

    /** Whether it is time for a look, and nobody is at it; who is told so has to run it. */
    boolean claim() {
        Instant now = clock.instant();
        boolean isDue = !now.isBefore(lookAt) || !now.isBefore(retryAt);
        return isDue && isUnderWay.compareAndSet(false, true);
    }

    /** Done after the first look, whatever came of it. */
    CompletableFuture<Void> firstLook() {
        return firstLook;
    }

    /** Looks once. Blocks; returns early when the thread is interrupted. */
    void run() {
        try {
            boolean isRetry = !clock.instant().isBefore(retryAt);
            Optional<byte[]> file = source.fetch(isRetry);
            if (file.isPresent()) {
                accepted(partition.accept(file.get()));
            }
        } catch (CrlRefusedException e) {
            refused(e.failure(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            refused(CrlFailure.UNAVAILABLE, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            planLook();
            isUnderWay.set(false);
            firstLook.complete(null);
        }
    }

    private void accepted(AcceptedCrl list) {
        failures = 0;
        retryAt = Instant.MAX;
        LOG.info(
                "crl accepted: source={} number={} revoked={} nextUpdate={}",
                source,
                list.number(),
                list.revoked().size(),
                list.nextUpdate());
        listener.accepted(partition, list);
    }

    private void refused(CrlFailure failure, String detail) {
        Duration pause = RETRY_FIRST.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        retryAt = clock.instant().plus(varied(shorter(pause, RETRY_MAX)));
        LOG.warn("crl refused: source={} failure={} detail=\"{}\"", source, failure, detail);
        listener.refused(partition, failure);
    }

    /** Half of the time that the list has left, so that there are several looks before its end. */
    private void planLook() {
        Instant now = clock.instant();
        Duration pause =
                partition
                        .current()
                        .map(list -> Duration.between(now, list.nextUpdate()).dividedBy(2))
                        .map(half -> half.compareTo(AGAIN_MIN) < 0 ? AGAIN_MIN : half)
                        .map(half -> shorter(half, source.interval()))
                        .orElse(source.interval());
        lookAt = now.plus(varied(pause));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Between three and five quarters. */
    private Duration varied(Duration pause) {
        return Duration.ofMillis((long) (pause.toMillis() * (0.75 + random.nextDouble() / 2)));
    }
}
