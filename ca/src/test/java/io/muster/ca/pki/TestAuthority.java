package io.muster.ca.pki;

import io.muster.ca.SerialNumber;
import io.muster.ca.key.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
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
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An issuer for tests, with a P-256 key or another, that certifies whatever it is told.
 *
 * @param certificate its own
 * @param keys what it signs with
 * @param signatureAlgorithm how
 */
public record TestAuthority(
        X509CertificateHolder certificate, KeyPair keys, String signatureAlgorithm)
        implements SigningKey {

    /** A root, valid since a day before {@code now}, for ten years. */
    public static TestAuthority root(String name, Instant now) {
        KeyPair keys = ecKeys();
        X500Name subject = new X500Name("CN=" + name);
        X509v3CertificateBuilder builder =
                builder(subject, 1, subject, now, Duration.ofDays(3650), keys.getPublic());
        return new TestAuthority(
                sign(
                        authority(builder, keys.getPublic(), keys.getPublic()),
                        keys,
                        "SHA256withECDSA"),
                keys,
                "SHA256withECDSA");
    }

    /** One that this one certifies, with a new P-256 key. */
    public TestAuthority issuing(String name, long serial, Instant now, String crlAddress) {
        KeyPair issuing = ecKeys();
        return issuing(name, serial, now, crlAddress, issuing, "SHA256withECDSA");
    }

    /** One that this one certifies, with this key. */
    public TestAuthority issuing(
            String name,
            long serial,
            Instant now,
            String crlAddress,
            KeyPair issuing,
            String issuingAlgorithm) {
        X509v3CertificateBuilder builder =
                builder(
                        certificate.getSubject(),
                        serial,
                        new X500Name("CN=" + name),
                        now,
                        Duration.ofDays(1825),
                        issuing.getPublic());
        add(builder, Extension.cRLDistributionPoints, false, distributionPoint(crlAddress));
        return new TestAuthority(
                sign(
                        authority(builder, issuing.getPublic(), keys.getPublic()),
                        keys,
                        signatureAlgorithm),
                issuing,
                issuingAlgorithm);
    }

    /** A certificate of a device, whose key nobody has. */
    public X509CertificateHolder device(SerialNumber serial, Instant now, String crlAddress) {
        KeyPair device = ecKeys();
        X509v3CertificateBuilder builder =
                builder(
                        certificate.getSubject(),
                        serial.value(),
                        new X500Name("CN=device-" + serial),
                        now,
                        Duration.ofDays(365),
                        device.getPublic());
        leaf(builder, device.getPublic(), KeyPurposeId.id_kp_clientAuth);
        add(builder, Extension.cRLDistributionPoints, false, distributionPoint(crlAddress));
        return sign(builder, keys, signatureAlgorithm);
    }

    /** Somebody who may sign OCSP answers for this one, for {@code validFor} from a day ago. */
    public TestAuthority ocspResponder(Instant now, Duration validFor) {
        KeyPair responder = ecKeys();
        X509v3CertificateBuilder builder =
                builder(
                        certificate.getSubject(),
                        777,
                        new X500Name("CN=OCSP responder"),
                        now,
                        validFor,
                        responder.getPublic());
        leaf(builder, responder.getPublic(), KeyPurposeId.id_kp_OCSPSigning);
        add(builder, OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE);
        return new TestAuthority(
                sign(builder, keys, signatureAlgorithm), responder, "SHA256withECDSA");
    }

    /** A key of P-256. */
    public static KeyPair ecKeys() {
        return keys("EC", 256);
    }

    /** A key of RSA. */
    public static KeyPair rsaKeys(int bits) {
        return keys("RSA", bits);
    }

    private static KeyPair keys(String signatureAlgorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(signatureAlgorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer,
            long serial,
            X500Name subject,
            Instant now,
            Duration validFor,
            PublicKey key) {
        Instant from = now.minus(Duration.ofDays(1));
        return new X509v3CertificateBuilder(
                issuer,
                new SerialNumber(serial).toInteger(),
                Date.from(from),
                Date.from(from.plus(validFor)),
                subject,
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    private static X509v3CertificateBuilder authority(
            X509v3CertificateBuilder builder, PublicKey subject, PublicKey issuer) {
        add(builder, Extension.basicConstraints, true, new BasicConstraints(true));
        add(
                builder,
                Extension.keyUsage,
                true,
                new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        identify(builder, subject, Optional.of(issuer));
        return builder;
    }

    private void leaf(X509v3CertificateBuilder builder, PublicKey subject, KeyPurposeId purpose) {
        add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
        add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        add(builder, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        identify(builder, subject, Optional.of(keys.getPublic()));
    }

    private static void identify(
            X509v3CertificateBuilder builder, PublicKey subject, Optional<PublicKey> issuer) {
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            add(
                    builder,
                    Extension.subjectKeyIdentifier,
                    false,
                    utils.createSubjectKeyIdentifier(subject));
            add(
                    builder,
                    Extension.authorityKeyIdentifier,
                    false,
                    utils.createAuthorityKeyIdentifier(issuer.orElse(subject)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CRLDistPoint distributionPoint(String address) {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, address);
        return new CRLDistPoint(
                new DistributionPoint[] {
                    new DistributionPoint(
                            new DistributionPointName(new GeneralNames(name)), null, null)
                });
    }

    private static void add(
            X509v3CertificateBuilder builder,
            org.bouncycastle.asn1.ASN1ObjectIdentifier oid,
            boolean critical,
            ASN1Encodable value) {
        try {
            builder.addExtension(oid, critical, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static X509CertificateHolder sign(
            X509v3CertificateBuilder builder, KeyPair keys, String signatureAlgorithm) {
        return builder.build(signer(keys, signatureAlgorithm));
    }

    private static ContentSigner signer(KeyPair keys, String signatureAlgorithm) {
        try {
            return new JcaContentSignerBuilder(signatureAlgorithm).build(keys.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public PublicKey publicKey() {
        return keys.getPublic();
    }

    @Override
    public ContentSigner signer() {
        return signer(keys, signatureAlgorithm);
    }
}
