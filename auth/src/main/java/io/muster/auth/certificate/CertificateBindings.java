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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Which certificate is whose, from memory or the registry. Remembered is only what never changes:
 * not that a certificate is unknown, and not that it is not revoked, which others know. Shared;
 * never blocks.
 */
public final class CertificateBindings {

    private final Cache<Sha256, BoundCertificate> remembered;

    /** Of several who ask for one, one reads. */
    private final Map<Sha256, CompletableFuture<Optional<BoundCertificate>>> underWay =
            new ConcurrentHashMap<>();

    private final Function<Sha256, Optional<Certificate>> registry;
    private final Executor reader;
    private final Duration deadline;

    /**
     * What the registry knows.
     *
     * @param registry asked on threads of {@code reader}; throws {@link
     *     RegistryUnavailableException} if it cannot be asked
     * @param reader may refuse to take more, and who asks is told that the registry is not there
     * @param deadline for an answer, the wait for a thread included
     * @param max so many certificates are remembered, about 300 bytes each
     */
    public CertificateBindings(
            Function<Sha256, Optional<Certificate>> registry,
            Executor reader,
            Duration deadline,
            int max) {
        this.registry = registry;
        this.reader = reader;
        this.deadline = deadline;
        this.remembered = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
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
                    registry.apply(fingerprint).flatMap(CertificateBindings::bound);
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
