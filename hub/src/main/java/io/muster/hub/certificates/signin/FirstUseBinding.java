package io.muster.hub.certificates.signin;

import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.certificates.CertificateRegistry;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Binds certificates of authorities that are not ours to the device that first signs in with them.
 * Shared; never blocks.
 */
final class FirstUseBinding {

    /** How many certificates a device may have that are good. */
    private static final int LIVE_MAX = 2;

    private final CertificateRegistry registry;
    private final Executor threads;
    private final Duration deadline;
    private final Clock clock;

    FirstUseBinding(
            CertificateRegistry registry, Executor threads, Duration deadline, Clock clock) {
        this.registry = registry;
        this.threads = threads;
        this.deadline = deadline;
        this.clock = clock;
    }

    /**
     * Binds one.
     *
     * @return why it is not bound; empty if it is. Fails with {@link RegistryUnavailableException}
     *     if nobody knows
     */
    CompletionStage<Optional<CertificateRefusal>> bind(
            CertificateId id, X509Certificate certificate, DeviceId device) {
        try {
            return CompletableFuture.supplyAsync(() -> bindNow(id, certificate, device), threads)
                    .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionallyCompose(
                            failure ->
                                    CompletableFuture.failedFuture(
                                            failure instanceof TimeoutException
                                                    ? new RegistryUnavailableException(
                                                            "no certificate was bound in time")
                                                    : failure));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("too many certificates wait to be bound"));
        }
    }

    private Optional<CertificateRefusal> bindNow(
            CertificateId id, X509Certificate certificate, DeviceId device) {
        try {
            Reservation reservation =
                    new Reservation(
                            id,
                            CertificateKind.EXTERNAL,
                            new Owner.Device(device),
                            Sha256.of(certificate.getPublicKey().getEncoded()),
                            new Validity(
                                    certificate.getNotBefore().toInstant(),
                                    certificate.getNotAfter().toInstant()),
                            new IssuanceRequest(
                                    "device:" + device, clock.instant(), Optional.empty()),
                            Optional.empty());
            return Optional.ofNullable(
                    registry.bind(
                                    Map.of(reservation, Sha256.of(certificate.getEncoded())),
                                    LIVE_MAX)
                            .get(id));
        } catch (CertificateEncodingException e) {
            throw new CompletionException(e);
        }
    }
}
