package io.muster.hub.certificates.revocation;

import io.muster.ca.RevocationReason;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import io.muster.hub.certificates.BoundedThreads;
import io.muster.hub.certificates.CrlPublication;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when certificates are revoked durably: nobody signs in with them, their connections
 * end, and they come onto lists. Shared; lists are signed and written by threads of its own, so
 * that one that takes long keeps nobody from closing connections.
 */
public final class RevocationConsequences implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RevocationConsequences.class);

    private static final int THREADS = 4;

    private final RevocationListener listener;
    private final Optional<CrlPublication> publication;
    private final Optional<AuthorityAudit> audit;
    private final CertificateMetrics metrics;
    private final Duration deadline;
    private final ThreadPoolExecutor publishers;

    /** One, so that what is told in turn stands in the audit chain in that order. */
    private final ThreadPoolExecutor teller;

    /**
     * Revoked, and on no list yet as far as is known here; bounded by what is revoked meanwhile.
     */
    private final Set<CertificateId> unpublished = ConcurrentHashMap.newKeySet();

    /**
     * Told to these; whoever waits does so no longer than the deadline.
     *
     * @param publication of the lists of the hub's own authority, if it has one; without it nothing
     *     comes onto lists
     * @param audit of that authority
     */
    public RevocationConsequences(
            RevocationListener listener,
            Optional<CrlPublication> publication,
            Optional<AuthorityAudit> audit,
            CertificateMetrics metrics,
            Duration deadline) {
        this.listener = listener;
        this.publication = publication;
        this.audit = audit;
        this.metrics = metrics;
        this.deadline = deadline;
        this.publishers = BoundedThreads.of("muster-revocation-lists", THREADS);
        this.teller = BoundedThreads.of("muster-revocation-audit", 1);
    }

    /**
     * What is known to be done.
     *
     * @param crlNumbers of the lists that name them
     */
    record Outcome(boolean connectionsClosed, Map<CertificateId, Long> crlNumbers) {}

    /**
     * Has all of it done, and waits until it is, or the deadline is over.
     *
     * @param all those that are revoked
     * @param changed those among them that were not before, or for another reason
     */
    Outcome follow(
            Collection<CertificateId> all,
            Collection<CertificateId> changed,
            Revocation revocation) {
        long untilNanos = deadlineNanos();
        CompletableFuture<Void> closed = shutOut(all);
        tell(changed, revocation);
        CompletableFuture<Map<CertificateId, Long>> published = publish(all);
        boolean isClosed = isDone(closed, untilNanos, "connections");
        boolean isPublished = isDone(published, untilNanos, "lists");
        return new Outcome(isClosed, isPublished ? published.getNow(Map.of()) : Map.of());
    }

    /** Has all of it done, and waits for nothing but that nobody signs in with them. */
    void followLater(
            Collection<CertificateId> all,
            Collection<CertificateId> changed,
            Revocation revocation) {
        if (all.isEmpty()) {
            return;
        }
        var closed = shutOut(all);
        tell(changed, revocation);
        var published = publish(all);
        var unused = closed.whenComplete((done, failure) -> warnOf("connections", failure));
        var unusedToo = published.whenComplete((numbers, failure) -> warnOf("lists", failure));
    }

    private static void warnOf(String what, @Nullable Throwable failure) {
        if (failure != null) {
            log.error("what follows a revocation is not known to be done what={}", what, failure);
        }
    }

    /** From the return on nobody signs in with them; the stage ends when connections have. */
    CompletableFuture<Void> shutOut(Collection<CertificateId> revoked) {
        List<CertificateId> all = List.copyOf(revoked);
        List<CompletableFuture<Void>> closed = new ArrayList<>();
        for (int from = 0; from < all.size(); from += RevocationListener.TOGETHER_MAX) {
            int to = Math.min(all.size(), from + RevocationListener.TOGETHER_MAX);
            closed.add(shutOutSome(all.subList(from, to)));
        }
        return CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new));
    }

    /** Whatever goes wrong with that, they are to come onto lists. */
    private CompletableFuture<Void> shutOutSome(List<CertificateId> some) {
        try {
            return listener.revoked(some).toCompletableFuture();
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** External ones are no business of the authority. */
    void tell(Collection<CertificateId> changed, Revocation revocation) {
        if (changed.isEmpty()) {
            return;
        }
        RevocationReason reason = reason(revocation);
        metrics.revoked(reason, changed.size());
        audit.ifPresent(
                chain ->
                        chain.revoked(
                                ownOf(changed).stream().map(Names::issued).toList(),
                                new io.muster.ca.ledger.Revocation(
                                        revocation.at(), reason, revocation.actor())));
    }

    /**
     * The same, behind what was told so before, while others go on; who tells more than can wait
     * does it himself. What a process that ends leaves out is written at the next start.
     */
    CompletableFuture<Void> tellInTurn(Collection<CertificateId> changed, Revocation revocation) {
        try {
            return CompletableFuture.runAsync(() -> tell(changed, revocation), teller);
        } catch (RejectedExecutionException full) {
            tell(changed, revocation);
            return CompletableFuture.completedFuture(null);
        }
    }

    private static RevocationReason reason(Revocation revocation) {
        return RevocationReason.of(revocation.reason()).orElse(RevocationReason.UNSPECIFIED);
    }

    /**
     * One for all lists that these have to be on. Those that could not be published are remembered,
     * as whoever asks again may name others.
     */
    CompletableFuture<Map<CertificateId, Long>> publish(Collection<CertificateId> revoked) {
        List<CertificateId> all = List.copyOf(revoked);
        unpublished.addAll(ownOf(all));
        try {
            return CompletableFuture.supplyAsync(() -> publishNow(all), publishers);
        } catch (RejectedExecutionException full) {
            return CompletableFuture.failedFuture(full);
        }
    }

    private Map<CertificateId, Long> publishNow(List<CertificateId> all) {
        Map<CertificateId, Long> published =
                publication.map(lists -> lists.publish(all)).orElse(Map.of());
        unpublished.removeAll(published.keySet());
        // Nor is what can come onto none any more.
        all.stream().filter(each -> !hasLists(each)).forEach(unpublished::remove);
        return published;
    }

    private boolean hasLists(CertificateId id) {
        return publication.filter(lists -> lists.hasLists(id)).isPresent();
    }

    private static List<CertificateId> ownOf(Collection<CertificateId> all) {
        return all.stream().filter(each -> !each.isExternal()).toList();
    }

    /** Publishes what earlier calls could not; whether nothing is left that can be. */
    boolean publishWhatIsMissing() {
        List<CertificateId> missing = List.copyOf(unpublished);
        return missing.isEmpty()
                || (isDone(publish(missing), deadlineNanos(), "lists") && unpublished.isEmpty());
    }

    /** Whether it ends well before the deadline; if not, why not is logged. */
    boolean isDone(CompletableFuture<?> step, long untilNanos, String what) {
        try {
            step.get(Math.max(0, untilNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException failure) {
            warnOf(what, failure);
            return false;
        }
    }

    long deadlineNanos() {
        return System.nanoTime() + deadline.toNanos();
    }

    /** Waits for what is being told, and for lists that are being published, but not for long. */
    @Override
    public void close() {
        teller.shutdown();
        publishers.shutdown();
        try {
            long millis = deadline.toMillis();
            if (!teller.awaitTermination(millis, TimeUnit.MILLISECONDS)
                    || !publishers.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
                log.warn("what follows revocations is completed at the next start");
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
