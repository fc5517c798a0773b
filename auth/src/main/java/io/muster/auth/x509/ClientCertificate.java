package io.muster.auth.x509;

import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.Printable;
import io.muster.auth.x509.revocation.CrlPartition;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * A client's certificate that one of the trusted authorities issued. Immutable, shared; equal to
 * another one of the same issuer and serial number, which is what connections are found by when it
 * is revoked: one certificate that is signed by ECDSA can have two fingerprints.
 */
public final class ClientCertificate {

    private final String fingerprint;
    private final X500Principal subject;
    private final SerialNumber serial;
    private final Instant notBefore;
    private final Instant notAfter;
    private final Optional<DeviceUri> deviceUri;
    private final List<TrustedIssuer> issuers;
    private final List<CrlPartition> covering;

    /**
     * One that is right.
     *
     * @param issuers its issuer, once for each certificate that this has and the path holds by
     */
    ClientCertificate(
            String fingerprint,
            X509Certificate certificate,
            List<TrustedIssuer> issuers,
            List<CrlPartition> covering) {
        this.fingerprint = fingerprint;
        this.subject = certificate.getSubjectX500Principal();
        this.serial = SerialNumber.of(certificate.getSerialNumber());
        this.notBefore = certificate.getNotBefore().toInstant();
        this.notAfter = certificate.getNotAfter().toInstant();
        this.deviceUri = DeviceUri.of(certificate);
        this.issuers = List.copyOf(issuers);
        this.covering = covering;
    }

    /** SHA-256 of its DER, as the client presents it, in 64 hexadecimal digits. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Whom it is for, by name. */
    public X500Principal subject() {
        return subject;
    }

    /** Its number, which is its issuer's alone. */
    public BigInteger serial() {
        return serial.toBigInteger();
    }

    /** The same, as sets of revoked ones look for it. */
    SerialNumber number() {
        return serial;
    }

    /** When its time begins. */
    public Instant notBefore() {
        return notBefore;
    }

    /** The last moment of its time. */
    public Instant notAfter() {
        return notAfter;
    }

    /** The last moment of its time and of its issuer's. */
    public Instant end() {
        return issuers.stream()
                .map(issuer -> issuer.certificate().getNotAfter().toInstant())
                .max(Comparator.naturalOrder())
                .filter(ofIssuer -> ofIssuer.isBefore(notAfter))
                .orElse(notAfter);
    }

    /** The device that its only alternative name is; empty if it has others, or none. */
    public Optional<DeviceUri> deviceUri() {
        return deviceUri;
    }

    /** Who issued it: the first, if it is trusted by several certificates. */
    public TrustedIssuer issuer() {
        return issuers.get(0);
    }

    List<TrustedIssuer> issuers() {
        return issuers;
    }

    List<CrlPartition> covering() {
        return covering;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientCertificate that
                && serial.equals(that.serial)
                && issuer().key().equals(that.issuer().key());
    }

    @Override
    public int hashCode() {
        return serial.hashCode();
    }

    /** Its number and its subject, fit for a line of the log. */
    @Override
    public String toString() {
        return Printable.of("certificate %s of '%s'".formatted(serial().toString(16), subject));
    }
}
