package io.muster.auth.x509;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/** An authority that issues for tests, with a key on P-256 unless it is given another. */
public final class TestAuthority {

    /** When all of these tests happen. */
    public static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private static final Random RANDOM = new Random(6);

    private final KeyPair keys;
    private final X500Name name;
    private final X509Certificate certificate;

    private TestAuthority(
            KeyPair keys,
            String name,
            @Nullable TestAuthority issuer,
            UnaryOperator<TestCertificate> change) {
        this.keys = keys;
        this.name = new X500Name(name);
        this.certificate =
                change.apply(
                                TestCertificate.authority(
                                        issuer == null ? this : issuer, name, keys.getPublic()))
                        .issue();
    }

    static synchronized BigInteger nextSerial() {
        return new BigInteger(62, RANDOM).add(BigInteger.ONE);
    }

    public static TestAuthority root(String name) {
        return root(name, UnaryOperator.identity());
    }

    public static TestAuthority root(String name, UnaryOperator<TestCertificate> change) {
        return new TestAuthority(TestCertificate.newKey(), name, null, change);
    }

    public static TestAuthority root(String name, KeyPair keys) {
        return new TestAuthority(keys, name, null, UnaryOperator.identity());
    }

    /** The same name and key with another certificate, by another issuer. */
    public TestAuthority certifiedBy(TestAuthority issuer) {
        return certifiedBy(issuer, UnaryOperator.identity());
    }

    public TestAuthority certifiedBy(TestAuthority issuer, UnaryOperator<TestCertificate> change) {
        return new TestAuthority(keys, name.toString(), issuer, change);
    }

    public TestAuthority authority(String name) {
        return authority(name, UnaryOperator.identity());
    }

    public TestAuthority authority(String name, UnaryOperator<TestCertificate> change) {
        return new TestAuthority(TestCertificate.newKey(), name, this, change);
    }

    /** A certificate of a client, with a new key. */
    public TestCertificate client(String subject) {
        return client(subject, TestCertificate.newKey().getPublic());
    }

    public TestCertificate client(String subject, PublicKey key) {
        return TestCertificate.client(this, subject, key);
    }

    public TestCrl crl(long number) {
        return new TestCrl(this, number);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public X500Name name() {
        return name;
    }

    public PublicKey publicKey() {
        return keys.getPublic();
    }

    public PrivateKey privateKey() {
        return keys.getPrivate();
    }

    public String signatureAlgorithm() {
        return switch (keys.getPublic().getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
    }
}
