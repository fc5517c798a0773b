package io.muster.hub.certificates.enrolment;

import io.muster.auth.certificate.BoundCertificate;
import io.muster.auth.certificate.DeviceNames;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificate;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.hub.certificates.trust.Trust;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.monitoring.CertificateMetrics;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Binds certificates of other authorities to devices, so that these sign in with them. Only one is
 * bound that would let its device in now: its authority is trusted, its path holds, it is not
 * revoked, and it names no other device. Shared; blocks while the registry is asked.
 */
public final class CertificateBinding {

    /** Of a certificate, with those of its issuers behind it. */
    private static final int LENGTH_MAX = 48 * 1024;

    /** What may be otherwise in a while, and is not the certificate's fault. */
    private static final Set<RefusalCause> OF_ISSUER =
            Set.of(RefusalCause.REVOCATION_STALE, RefusalCause.ISSUER_UNUSABLE);

    private final Trust trust;
    private final CertificateRegistry registry;
    private final int liveMax;
    private final SignInKeys keys;
    private final CertificateMetrics metrics;
    private final Clock clock;

    CertificateBinding(
            Trust trust,
            CertificateRegistry registry,
            int liveMax,
            SignInKeys keys,
            CertificateMetrics metrics,
            Clock clock) {
        this.trust = trust;
        this.registry = registry;
        this.liveMax = liveMax;
        this.keys = keys;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Binds one. Repeated, it changes nothing and tells the same.
     *
     * @param pem the certificate of the device; behind it those of its issuers may stand
     * @param actor who does it, 1 to 200 characters
     * @throws RequestRefusedException if it is not bound
     * @throws RegistryUnavailableException if nobody knows whether it is
     */
    public Certificate bind(DeviceId device, String pem, String actor) {
        try {
            List<X509Certificate> chain = chain(pem);
            ClientCertificate accepted = accepted(chain);
            KeyKind.of(chain.get(0).getPublicKey()).ifPresent(keys::require);
            CertificateId id = id(accepted);
            requireNames(accepted, id, device);
            Reservation reservation = reservation(id, accepted, chain.get(0), device, actor);
            Sha256 fingerprint = new Sha256(accepted.fingerprint());
            CertificateRefusal refusal =
                    registry.bind(Map.of(reservation, fingerprint), liveMax).get(id);
            if (refusal != null) {
                throw refused(refusal, id, device);
            }
            return registry.find(id).orElseThrow();
        } catch (RequestRefusedException refused) {
            metrics.refused(refused.code());
            throw refused;
        }
    }

    private static List<X509Certificate> chain(String pem) {
        if (pem.length() > LENGTH_MAX) {
            throw malformed("it has more than " + LENGTH_MAX + " characters");
        }
        try {
            return Certificates.parseAll(pem.getBytes(StandardCharsets.US_ASCII));
        } catch (MalformedException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static RequestRefusedException malformed(String what) {
        return new RequestRefusedException(
                RefusalCode.CERTIFICATE_MALFORMED,
                "the certificate cannot be read: "
                        + what
                        + "; it must be in PEM, and may be followed by those of its issuers");
    }

    /** As it would be at a sign-in, now. */
    private ClientCertificate accepted(List<X509Certificate> chain) {
        CertificateVerdict verdict = trust.check().check(chain);
        if (verdict instanceof CertificateVerdict.Accepted accepted) {
            return accepted.certificate();
        }
        CertificateVerdict.Refused refused = (CertificateVerdict.Refused) verdict;
        throw new RequestRefusedException(
                OF_ISSUER.contains(refused.cause())
                        ? RefusalCode.ISSUER_UNAVAILABLE
                        : RefusalCode.CERTIFICATE_REFUSED,
                "the certificate lets nobody in: %s: %s"
                        .formatted(refused.cause(), refused.detail()));
    }

    private CertificateId id(ClientCertificate accepted) {
        TrustedAuthority authority =
                trust.authority(accepted)
                        .orElseThrow(
                                () ->
                                        new RequestRefusedException(
                                                RefusalCode.CERTIFICATE_REFUSED,
                                                "the issuer of the certificate is not trusted"
                                                        + " any more"));
        if (authority.isOwn()) {
            throw new RequestRefusedException(
                    RefusalCode.CERTIFICATE_REFUSED,
                    "the hub issued this certificate itself, and bound it to its device then");
        }
        return authority.id(accepted.serial());
    }

    private static void requireNames(
            ClientCertificate accepted, CertificateId id, DeviceId device) {
        DeviceNames.objection(accepted, new BoundCertificate(id, CertificateKind.EXTERNAL, device))
                .ifPresent(
                        objection -> {
                            throw new RequestRefusedException(
                                    RefusalCode.SAN_NOT_ALLOWED,
                                    "the certificate is not of device '%s': %s"
                                            .formatted(device, objection));
                        });
    }

    private Reservation reservation(
            CertificateId id,
            ClientCertificate accepted,
            X509Certificate certificate,
            DeviceId device,
            String actor) {
        return new Reservation(
                id,
                CertificateKind.EXTERNAL,
                new Owner.Device(device),
                Sha256.of(certificate.getPublicKey().getEncoded()),
                new Validity(accepted.notBefore(), accepted.notAfter()),
                new IssuanceRequest(actor, clock.instant(), Optional.empty()),
                Optional.empty());
    }

    private RequestRefusedException refused(
            CertificateRefusal refusal, CertificateId id, DeviceId device) {
        return switch (refusal) {
            case DEVICE_UNKNOWN ->
                    new RequestRefusedException(
                            RefusalCode.DEVICE_UNKNOWN, "there is no device '" + device + "'");
            case DEVICE_DISABLED ->
                    new RequestRefusedException(
                            RefusalCode.DEVICE_DISABLED,
                            "device '%s' is disabled, and no certificate is bound to it until it is enabled"
                                    .formatted(device));
            case TOO_MANY ->
                    new RequestRefusedException(
                            RefusalCode.CERT_LIMIT,
                            "device '%s' has as many certificates that are good as it may have, %d; revoke one"
                                    .formatted(device, liveMax));
            case KEY_OF_ANOTHER ->
                    new RequestRefusedException(
                            RefusalCode.KEY_REUSED,
                            "the key of the certificate is in one of another device");
            case KEY_COMPROMISED ->
                    new RequestRefusedException(
                            RefusalCode.KEY_COMPROMISED,
                            "the key was revoked since others know it; take a new one");
            case SERIAL_NUMBER_TAKEN, CERTIFICATE_KNOWN -> known(id);
            case ALREADY_REQUESTED, NOT_RENEWABLE ->
                    throw new IllegalStateException(refusal.name());
        };
    }

    private RequestRefusedException known(CertificateId id) {
        String what =
                registry.find(id)
                        .map(
                                row ->
                                        row.revocation().isPresent()
                                                ? "was revoked here, for ever"
                                                : "is bound to "
                                                        + row.device()
                                                                .map(DeviceId::toString)
                                                                .orElse("another one"))
                        .orElse(
                                "was revoked here before it was bound, or is known under another"
                                        + " name");
        return new RequestRefusedException(
                RefusalCode.CERTIFICATE_KNOWN, "certificate " + id + " " + what);
    }
}
