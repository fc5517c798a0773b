package io.muster.auth.x509;

import io.muster.auth.x509.revocation.CrlPartition;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * A client's certificate that one of the trusted authorities issued. Immutable, shared; equal to
 * another one of the same fingerprint.
 */
public final class ClientCertificate {

    private final String fingerprint;
    private final X500Principal subject;
    private final BigInteger serial;
    private final Instant notBefore;
    private final Instant notAfter;
    private final Optional<DeviceUri> deviceUri;
    private final TrustedIssuer issuer;
    private final List<CrlPartition> covering;

    ClientCertificate(
            String fingerprint,
            X509Certificate certificate,
            TrustedIssuer issuer,
            List<CrlPartition> covering) {
        this.fingerprint = fingerprint;
        this.subject = certificate.getSubjectX500Principal();
        this.serial = certificate.getSerialNumber();
        this.notBefore = certificate.getNotBefore().toInstant();
        this.notAfter = certificate.getNotAfter().toInstant();
        this.deviceUri = DeviceUri.of(certificate);
        this.issuer = issuer;
        this.covering = covering;
    }

    /** SHA-256 of its DER, in 64 hexadecimal digits. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Whom it is for, by name. */
    public X500Principal subject() {
        return subject;
    }

    /** Its number, which is its issuer's alone. */
    public BigInteger serial() {
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

    /** The device that its only alternative name is; empty if it has others, or none. */
    public Optional<DeviceUri> deviceUri() {
        return deviceUri;
    }

    /** Who issued it. */
    public TrustedIssuer issuer() {
        return issuer;
    }

    List<CrlPartition> covering() {
        return covering;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientCertificate that && fingerprint.equals(that.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return "certificate %s of '%s'".formatted(serial.toString(16), subject);
    }
}
