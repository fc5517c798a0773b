package io.muster.ca.issuance;

import io.muster.ca.IssuerId;
import io.muster.ca.key.SigningKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * One generation of an authority: a key, the name under which it signs and the certificate that
 * says so. Immutable and shared.
 */
public final class Issuer {

    private final IssuerId id;
    private final CertificateKind kind;
    private final X500Name name;
    private final @Nullable IssuedCertificate certificate;
    private final SigningKey key;
    private final IssuerAddresses addresses;

    private Issuer(
            IssuerId id,
            CertificateKind kind,
            X500Name name,
            @Nullable IssuedCertificate certificate,
            SigningKey key,
            IssuerAddresses addresses) {
        this.id = id;
        this.kind = kind;
        this.name = name;
        this.certificate = certificate;
        this.key = key;
        this.addresses = addresses;
    }

    /**
     * The issuer with this certificate and its key.
     *
     * @throws IllegalArgumentException if the certificate is for another key
     */
    public static Issuer of(
            IssuerId id,
            CertificateKind kind,
            IssuedCertificate certificate,
            SigningKey key,
            IssuerAddresses addresses) {
        if (!kind.isAuthority()) {
            throw new IllegalArgumentException("a certificate of a " + kind + " signs nothing");
        }
        byte[] certified = certificate.publicKeyInfo();
        if (!Arrays.equals(certified, key.publicKey().getEncoded())) {
            throw new IllegalArgumentException(
                    "the certificate of issuer " + id + " is for another key than the one it has");
        }
        X500Name name = certificate.holder().getSubject();
        return new Issuer(id, kind, name, certificate, key, addresses);
    }

    /** A root that has no certificate yet, and signs the one that it will have. */
    public static Issuer rootToBe(
            IssuerId id, Subject subject, SigningKey key, IssuerAddresses addresses) {
        return new Issuer(id, CertificateKind.ROOT, subject.toName(), null, key, addresses);
    }

    /** Which it is. */
    public IssuerId id() {
        return id;
    }

    /** What it is for. */
    public CertificateKind kind() {
        return kind;
    }

    /** Whether it signs certificates of this kind. */
    public boolean signs(CertificateKind other) {
        return other.signedBy().contains(kind)
                && (other == CertificateKind.ROOT) == (certificate == null);
    }

    /** Its key; never to be handed bytes that somebody outside has chosen. */
    public SigningKey key() {
        return key;
    }

    /**
     * Its certificate.
     *
     * @throws IllegalStateException if it is a root that has none yet
     */
    public IssuedCertificate certificate() {
        if (certificate == null) {
            throw new IllegalStateException("root " + id + " has no certificate yet");
        }
        return certificate;
    }

    /** Where it publishes. */
    public IssuerAddresses addresses() {
        return addresses;
    }

    /** Whether its own certificate is valid at that time. */
    public boolean isValid(Instant time) {
        return certificate == null || certificate.validity().contains(time);
    }

    /** Until when certificates may be valid that it signs. */
    Instant end() {
        return certificate == null ? Instant.MAX : certificate.validity().notAfter();
    }

    X500Name name() {
        return name;
    }

    SubjectPublicKeyInfo keyInfo() {
        return SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded());
    }

    /** What those that it signs call its key. */
    byte[] keyIdentifier() {
        return certificate == null ? KeyIdentifier.of(keyInfo()) : certificate.keyIdentifier();
    }

    /** What those that it signs ship with them, besides the root, which others have already. */
    public List<IssuedCertificate> chain() {
        return kind.isRoot() ? List.of() : List.of(certificate());
    }

    /** Which it is. */
    @Override
    public String toString() {
        return "Issuer[" + id + "]";
    }
}
