package io.muster.auth.certificate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Sha256;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Which certificate is whose, from memory or the registry. Remembered for good is only what never
 * changes: not that a certificate is bound to nobody, and not that it is not revoked, which others
 * know. Shared; never blocks.
 */
public final class CertificateBindings {

    /** For so long it is not asked again whether somebody has come to own a certificate. */
    private static final Duration LATELY = Duration.ofMinutes(1);

    private final Cache<Sha256, BoundCertificate> remembered;

    /** Those that were bound to nobody, and when that was read last. */
    private final Cache<Sha256, Long> unbound;

    /** Of several who ask for one, one reads. */
    private final Map<Sha256, CompletableFuture<Optional<BoundCertificate>>> underWay =
            new ConcurrentHashMap<>();

    private final Registry registry;
    private final Executor reader;
    private final Duration deadline;
    private final LongSupplier nanoClock;

    /** Where it is written whose a certificate is. */
    public interface Registry {

        /**
         * The certificate with this fingerprint. Blocks.
         *
         * @throws RegistryUnavailableException if that cannot be found out
         */
        Optional<Certificate> find(Sha256 fingerprint);

        /** Whether no outage is known of. */
        boolean isReadable();

        /** Whether it has been away for so long that nothing may be answered from memory. */
        boolean isPastGrace();
    }

    /**
     * What the registry knows.
     *
     * @param registry asked on threads of {@code reader}
     * @param reader may refuse to take more, and who asks is told that the registry is not there
     * @param deadline for an answer, the wait for a thread included
     * @param max so many certificates are remembered that are bound, about 300 bytes each, and as
     *     many that are not, about 150 bytes each
     * @param nanoClock tells how long ago something was read
     */
    public CertificateBindings(
            Registry registry,
            Executor reader,
            Duration deadline,
            int max,
            LongSupplier nanoClock) {
        this.registry = registry;
        this.reader = reader;
        this.deadline = deadline;
        this.nanoClock = nanoClock;
        this.remembered = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
        this.unbound = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
    }

    /**
     * The certificate with this fingerprint, if it is bound to a device.
     *
     * @return empty if it is not, or is known to be revoked; fails with {@link
     *     RegistryUnavailableException} if that cannot be found out in time
     */
    public CompletionStage<Optional<BoundCertificate>> find(Sha256 fingerprint) {
        BoundCertificate known = remembered.getIfPresent(fingerprint);
        if (known != null) {
            return CompletableFuture.completedFuture(Optional.of(known));
        }
        CompletableFuture<Optional<BoundCertificate>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<BoundCertificate>> others =
                underWay.putIfAbsent(fingerprint, mine);
        if (others != null) {
            return others;
        }
        mine.whenComplete((found, failure) -> underWay.remove(fingerprint, mine));
        begin(fingerprint, mine);
        return mine;
    }

    /**
     * The same, for whoever may do without a device: that a certificate was bound to nobody is good
     * for a minute, and while the registry is away for as long as anything that is in memory. So a
     * certificate that somebody has come to own may be taken for nobody's a little longer.
     */
    public CompletionStage<Optional<BoundCertificate>> findLately(Sha256 fingerprint) {
        Long read = unbound.getIfPresent(fingerprint);
        boolean isGood = read != null && (isRecent(read) || mayBeRecalled(!registry.isReadable()));
        if (isGood && remembered.getIfPresent(fingerprint) == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return find(fingerprint)
                .thenApply(found -> noted(fingerprint, found))
                .exceptionally(failure -> recalled(failure, read != null));
    }

    private boolean isRecent(long read) {
        return nanoClock.getAsLong() - read < LATELY.toNanos();
    }

    private boolean mayBeRecalled(boolean isAway) {
        return isAway && !registry.isPastGrace();
    }

    private Optional<BoundCertificate> noted(Sha256 fingerprint, Optional<BoundCertificate> found) {
        if (found.isPresent()) {
            unbound.invalidate(fingerprint);
        } else {
            unbound.put(fingerprint, nanoClock.getAsLong());
        }
        return found;
    }

    private Optional<BoundCertificate> recalled(Throwable failure, boolean wasUnbound) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (wasUnbound && mayBeRecalled(cause instanceof RegistryUnavailableException)) {
            return Optional.empty();
        }
        throw new CompletionException(cause);
    }

    private void begin(Sha256 fingerprint, CompletableFuture<Optional<BoundCertificate>> answer) {
        try {
            reader.execute(() -> read(fingerprint, answer));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    new RegistryUnavailableException("too many certificates wait to be looked up"));
            return;
        }
        // Forgets its timer as soon as there is an answer.
        var unused =
                answer.copy()
                        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                        .exceptionally(
                                failure -> {
                                    answer.completeExceptionally(late(failure));
                                    return Optional.empty();
                                });
    }

    private static Throwable late(Throwable failure) {
        return failure instanceof TimeoutException
                ? new RegistryUnavailableException("no certificate was found in time")
                : failure;
    }

    private void read(Sha256 fingerprint, CompletableFuture<Optional<BoundCertificate>> answer) {
        if (answer.isDone()) {
            return; // whoever asked has gone
        }
        try {
            Optional<BoundCertificate> found =
                    registry.find(fingerprint).flatMap(CertificateBindings::bound);
            found.ifPresent(bound -> remembered.put(fingerprint, bound));
            answer.complete(found);
        } catch (Throwable failure) {
            answer.completeExceptionally(failure);
        }
    }

    private static Optional<BoundCertificate> bound(Certificate certificate) {
        CertificateKind kind = certificate.reservation().kind();
        boolean isOfDevice = kind == CertificateKind.DEVICE || kind == CertificateKind.EXTERNAL;
        return certificate.status() == CertificateStatus.VALID && isOfDevice
                ? certificate
                        .device()
                        .map(device -> new BoundCertificate(certificate.id(), kind, device))
                : Optional.empty();
    }
}
