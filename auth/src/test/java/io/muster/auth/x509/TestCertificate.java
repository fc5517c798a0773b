package io.muster.auth.x509;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate that a test has made: right, but for what the test changes. */
public final class TestCertificate {

    private final TestAuthority issuer;
    private final X500Name subject;
    private final PublicKey key;
    private final Map<ASN1ObjectIdentifier, Extension> extensions = new LinkedHashMap<>();
    private BigInteger serial = TestAuthority.nextSerial();
    private Instant notBefore = TestAuthority.NOW.minus(Duration.ofMinutes(5));
    private Instant notAfter = TestAuthority.NOW.plus(Duration.ofDays(365));

    private TestCertificate(TestAuthority issuer, String subject, PublicKey key) {
        this.issuer = issuer;
        this.subject = new X500Name(subject);
        this.key = key;
    }

    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One that names its issuer's key and its own, and nothing else. */
    static TestCertificate bare(TestAuthority issuer, String subject, PublicKey key) {
        TestCertificate certificate = new TestCertificate(issuer, subject, key);
        try {
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            return certificate
                    .with(
                            Extension.authorityKeyIdentifier,
                            false,
                            new AuthorityKeyIdentifier(
                                    identifiers
                                            .createSubjectKeyIdentifier(issuer.publicKey())
                                            .getKeyIdentifier()))
                    .with(
                            Extension.subjectKeyIdentifier,
                            false,
                            identifiers.createSubjectKeyIdentifier(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static TestCertificate authority(TestAuthority issuer, String subject, PublicKey key) {
        return bare(issuer, subject, key)
                .with(Extension.basicConstraints, true, new BasicConstraints(true))
                .with(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .lasting(Duration.ofDays(3650));
    }

    static TestCertificate client(TestAuthority issuer, String subject, PublicKey key) {
        return bare(issuer, subject, key)
                .with(Extension.basicConstraints, true, new BasicConstraints(false))
                .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .purposes(KeyPurposeId.id_kp_clientAuth);
    }

    public TestCertificate serial(BigInteger other) {
        serial = other;
        return this;
    }

    public TestCertificate from(Instant first) {
        notBefore = first;
        return this;
    }

    public TestCertificate lasting(Duration time) {
        notAfter = TestAuthority.NOW.plus(time);
        return this;
    }

    public TestCertificate with(
            ASN1ObjectIdentifier identifier, boolean critical, ASN1Encodable value) {
        try {
            extensions.put(
                    identifier,
                    new Extension(identifier, critical, value.toASN1Primitive().getEncoded()));
            return this;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public TestCertificate without(ASN1ObjectIdentifier identifier) {
        extensions.remove(identifier);
        return this;
    }

    public TestCertificate purposes(KeyPurposeId... purposes) {
        return with(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }

    public TestCertificate uri(String uri) {
        return with(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
    }

    public TestCertificate listedAt(String uri) {
        DistributionPointName name =
                new DistributionPointName(
                        new GeneralNames(
                                new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
        return with(
                Extension.cRLDistributionPoints,
                false,
                new CRLDistPoint(
                        new DistributionPoint[] {new DistributionPoint(name, null, null)}));
    }

    public X509Certificate issue() {
        return issue(issuer.signatureAlgorithm());
    }

    public X509Certificate issue(String algorithm) {
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        issuer.name(),
                        serial,
                        Date.from(notBefore),
                        Date.from(notAfter),
                        subject,
                        key);
        try {
            for (Extension extension : extensions.values()) {
                builder.addExtension(extension);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder(algorithm)
                                            .build(issuer.privateKey())));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What anybody can make of a certificate that a key on P-256 signed: s becomes n - s. */
    public static byte[] otherSignature(byte[] encoded) {
        ASN1Sequence parts = ASN1Sequence.getInstance(encoded);
        ASN1Sequence signature =
                ASN1Sequence.getInstance(
                        DERBitString.getInstance(parts.getObjectAt(2)).getOctets());
        BigInteger order = SECNamedCurves.getByName("secp256r1").getN();
        BigInteger s = ASN1Integer.getInstance(signature.getObjectAt(1)).getValue();
        ASN1Encodable[] numbers = {signature.getObjectAt(0), new ASN1Integer(order.subtract(s))};
        try {
            ASN1Encodable[] other = {
                parts.getObjectAt(0),
                parts.getObjectAt(1),
                new DERBitString(new DERSequence(numbers))
            };
            return new DERSequence(other).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
