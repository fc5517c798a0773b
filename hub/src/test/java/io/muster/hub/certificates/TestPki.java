package io.muster.hub.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/** Authorities of tests that are not the hub's, what they issue and revoke, and clients with it. */
public final class TestPki {

    private static final SecureRandom RANDOM = new SecureRandom();

    private TestPki() {}

    /** What can be wrong with a certificate of a client; by default nothing is. */
    public static final class Wanted {
        String subject = "CN=client";
        @Nullable String uri;
        Instant from = Instant.now().minus(Duration.ofMinutes(5));
        Instant until = Instant.now().plus(Duration.ofDays(1));
        KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;
        boolean isAuthority;

        /** Of this subject. */
        public static Wanted of(String subject) {
            Wanted wanted = new Wanted();
            wanted.subject = subject;
            return wanted;
        }

        /** Which names this device by its URI. */
        public Wanted uri(String other) {
            uri = other;
            return this;
        }

        /** Valid from then on. */
        public Wanted from(Instant other) {
            from = other;
            return this;
        }

        /** Valid until then. */
        public Wanted until(Instant other) {
            until = other;
            return this;
        }

        /** For this. */
        public Wanted purpose(KeyPurposeId other) {
            purpose = other;
            return this;
        }

        /** Of an authority. */
        public Wanted authority() {
            isAuthority = true;
            return this;
        }
    }

    /** A certificate with its key. */
    public record Issued(X509Certificate certificate, KeyPair keys) {

        /** A client's side of TLS that shows it, and takes any server. */
        public SSLContext context() {
            return TestPki.context(keys, certificate);
        }
    }

    /** A root that issues for clients itself, or an authority below one. */
    public static final class Authority {

        private final KeyPair keys = ec();
        private final X500Name name;
        private final X509Certificate certificate;

        /** A new root with this common name. */
        public Authority(String commonName) {
            this(commonName, Instant.now().plus(Duration.ofDays(10)));
        }

        /** One that ends then. */
        public Authority(String commonName, Instant until) {
            this(commonName, Instant.now().minus(Duration.ofDays(1)), until);
        }

        /** The same with another time. */
        public Authority(String commonName, Instant from, Instant until) {
            this(commonName, null, from, until);
        }

        private Authority(
                String commonName, @Nullable Authority above, Instant from, Instant until) {
            name = new X500Name("CN=" + commonName.replace(",", "\\,") + ",O=Test");
            Authority issuer = above == null ? this : above;
            try {
                X509v3CertificateBuilder builder =
                        issuer.builder(issuer.name, from, until, name, keys);
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
                builder.addExtension(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
                certificate = issuer.certificate(builder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** One below it with this common name. */
        public Authority authority(String commonName) {
            return new Authority(
                    commonName,
                    this,
                    Instant.now().minus(Duration.ofDays(1)),
                    Instant.now().plus(Duration.ofDays(9)));
        }

        /** Its own certificate. */
        public X509Certificate certificate() {
            return certificate;
        }

        /** A certificate of a client. */
        public Issued issue(Wanted wanted) {
            KeyPair own = ec();
            return new Issued(issue(wanted, own), own);
        }

        /** The same with this key. */
        public X509Certificate issue(Wanted wanted, KeyPair own) {
            try {
                X509v3CertificateBuilder builder =
                        builder(name, wanted.from, wanted.until, new X500Name(wanted.subject), own);
                builder.addExtension(
                        Extension.basicConstraints, true, new BasicConstraints(wanted.isAuthority));
                builder.addExtension(
                        Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wanted.purpose));
                if (wanted.uri != null) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(
                                    new GeneralName(
                                            GeneralName.uniformResourceIdentifier, wanted.uri)));
                }
                return certificate(builder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private X509v3CertificateBuilder builder(
                X500Name issuer, Instant from, Instant until, X500Name subject, KeyPair own)
                throws IOException {
            try {
                JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
                return new JcaX509v3CertificateBuilder(
                                issuer,
                                new BigInteger(62, RANDOM).add(BigInteger.ONE),
                                Date.from(from),
                                Date.from(until),
                                subject,
                                own.getPublic())
                        .addExtension(
                                Extension.subjectKeyIdentifier,
                                false,
                                identifiers.createSubjectKeyIdentifier(own.getPublic()))
                        .addExtension(
                                Extension.authorityKeyIdentifier,
                                false,
                                identifiers.createAuthorityKeyIdentifier(keys.getPublic()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private X509Certificate certificate(X509v3CertificateBuilder builder) {
            try {
                return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private ContentSigner signer() {
            return TestPki.signer(keys);
        }

        /** The list with this number, which is good for so long, and what is revoked on it. */
        public byte[] crl(long number, Duration life, X509Certificate... revoked) {
            Instant now = Instant.now();
            try {
                X509v2CRLBuilder builder =
                        new X509v2CRLBuilder(
                                name, Date.from(now.minusSeconds(60).minus(Duration.ofHours(3))));
                builder.setNextUpdate(Date.from(now.plus(life)));
                builder.addExtension(
                        Extension.authorityKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
                builder.addExtension(
                        Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
                for (X509Certificate each : revoked) {
                    builder.addCRLEntry(
                            each.getSerialNumber(), Date.from(now), CRLReason.superseded);
                }
                return builder.build(signer()).getEncoded();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A new key on the curve P-256. */
    public static KeyPair ec() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new key of RSA with 2048 bits. */
    public static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new key of Ed25519. */
    public static KeyPair ed25519() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Good for clients, but that nobody vouches for its key but the key. */
    public static Issued selfSigned(String commonName) {
        Authority nobody = new Authority(commonName);
        return new Issued(nobody.issue(Wanted.of("CN=" + commonName), nobody.keys), nobody.keys);
    }

    private static ContentSigner signer(KeyPair keys) {
        String algorithm =
                switch (keys.getPublic().getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "Ed25519";
                };
        try {
            return new JcaContentSignerBuilder(algorithm).build(keys.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A signing request without names, in PEM. */
    public static String csr(KeyPair keys) {
        return pem(
                new JcaPKCS10CertificationRequestBuilder(new X500Name(""), keys.getPublic())
                        .build(signer(keys)));
    }

    /** In PEM. */
    public static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Writes them in PEM, at once. */
    public static Path write(Path file, X509Certificate... certificates) {
        try {
            Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), "draft", ".pem");
            Files.writeString(
                    draft, Stream.of(certificates).map(TestPki::pem).collect(Collectors.joining()));
            return Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The certificate that stands in PEM. */
    public static X509Certificate certificate(String pem) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(
                                            pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client's side of TLS that shows this, or nothing, and takes any server. */
    public static SSLContext context(@Nullable KeyPair keys, X509Certificate... chain) {
        KeyManager[] shown =
                keys == null
                        ? new KeyManager[0]
                        : new KeyManager[] {new Stubborn(keys.getPrivate(), chain)};
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown, new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shows its certificate, whichever authorities the server names. */
    private static final class Stubborn extends X509ExtendedKeyManager {

        private final PrivateKey key;
        private final X509Certificate[] chain;

        Stubborn(PrivateKey key, X509Certificate[] chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String chooseEngineClientAlias(
                String[] types, Principal[] issuers, SSLEngine engine) {
            return "own";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }

    private static final class Anybody implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
