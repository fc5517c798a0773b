package io.muster.ca.pki;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.issuance.CertificateContent;
import io.muster.ca.issuance.CertificateIssuer;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.key.SigningKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A root and issuers for tests, whose keys are made once, and which certify what the authority
 * does; {@link TestAuthority} certifies anything.
 */
public final class Issuers {

    /** When they were made. */
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123Z");

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final CertificateIssuer CERTIFICATES = new CertificateIssuer(RANDOM);
    private static final Issuer ROOT = makeRoot();

    private Issuers() {}

    /** Where they say that they publish. */
    public static IssuerAddresses addresses(IssuerId id, @Nullable String responder) {
        String lists = "http://hub.example:8080/crl/" + id;
        return new IssuerAddresses(
                id.authority().equals("root")
                        ? CrlPartitions.complete(lists + ".crl")
                        : CrlPartitions.ofUserCertificates(64, lists + "/"),
                "http://hub.example:8080/ca/" + id + ".crt",
                responder);
    }

    /** The root, with a key of P-384. */
    public static Issuer root() {
        return ROOT;
    }

    private static Issuer makeRoot() {
        IssuerId id = new IssuerId("root", 1);
        SigningKey key = key(KeyKind.EC_P384);
        Subject subject = Subject.authority("Test Root G1", "Test");
        IssuerAddresses addresses = addresses(id, null);
        IssuedCertificate certificate =
                issue(
                        Issuer.rootToBe(id, subject, key, addresses),
                        CertificateKind.ROOT,
                        subject,
                        key.publicKey());
        return Issuer.of(id, CertificateKind.ROOT, certificate, key, addresses);
    }

    /** A new issuer below the root. */
    public static Issuer below(CertificateKind kind, KeyKind keyKind, @Nullable String responder) {
        return below(kind, key(keyKind), responder);
    }

    /** An issuer below the root with this key. */
    public static Issuer withKey(CertificateKind kind, SigningKey key) {
        return below(kind, key, null);
    }

    private static Issuer below(CertificateKind kind, SigningKey key, @Nullable String responder) {
        IssuerId id = new IssuerId(kind == CertificateKind.DEVICE_ISSUING ? "device" : "server", 1);
        IssuedCertificate certificate =
                issue(
                        ROOT,
                        kind,
                        Subject.authority("Test " + id.authority() + " G1", "Test"),
                        key.publicKey());
        return Issuer.of(id, kind, certificate, key, addresses(id, responder));
    }

    /** A new key. */
    public static SigningKey key(KeyKind kind) {
        return ProviderKey.of("test", kind.generate(RANDOM));
    }

    /** What a certificate says that is issued at {@link #NOW} for as long as is usual. */
    public static CertificateContent content(
            Issuer issuer, CertificateKind kind, Subject subject, PublicKey key) {
        IssuanceProfile profile = IssuanceProfile.of(kind);
        return new CertificateContent(
                issuer,
                SerialNumber.random(RANDOM),
                profile,
                subject,
                key,
                profile.validity(NOW, null));
    }

    /** A certificate that is issued at {@link #NOW} for as long as is usual. */
    public static IssuedCertificate issue(
            Issuer issuer, CertificateKind kind, Subject subject, PublicKey key) {
        return issue(content(issuer, kind, subject, key));
    }

    /** A certificate that says this. */
    public static IssuedCertificate issue(CertificateContent content) {
        return CERTIFICATES.issue(CERTIFICATES.prepare(content));
    }

    /** From five minutes before {@link #NOW} for so long. */
    public static Validity validity(Duration life) {
        return Validity.from(NOW.minus(IssuanceProfile.BACKDATED), life);
    }
}
