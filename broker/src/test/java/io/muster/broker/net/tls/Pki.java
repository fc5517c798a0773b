package io.muster.broker.net.tls;

import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Certificates of tests, and clients that use them. */
public final class Pki {

    private static final Duration DAY = Duration.ofDays(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private Pki() {}

    /** A certificate with its key, and what issued it. */
    public record Issued(X509Certificate certificate, PrivateKey key) {

        /** As the broker shows it. */
        public ServerCertificate asServer() {
            return new ServerCertificate(List.of(certificate), key);
        }
    }

    public static KeyPair ecKey() {
        return key("EC", "secp256r1");
    }

    public static KeyPair rsaKey() {
        return key("RSA", "");
    }

    public static KeyPair key(String algorithm, String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (curve.isEmpty()) {
                generator.initialize(2048);
            } else {
                generator.initialize(new ECGenParameterSpec(curve));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An authority that issues what tests need. */
    public static final class Authority {

        private final KeyPair key = ecKey();
        private final X500Principal name;
        private final X509Certificate certificate;

        public Authority(String name) {
            this.name = new X500Principal("CN=" + name);
            this.certificate = sign(this.name, key, true, null, Instant.now().plus(DAY));
        }

        public X509Certificate certificate() {
            return certificate;
        }

        /** A certificate of a server with these names. */
        public Issued server(KeyPair pair, String... dnsNames) {
            return server(pair, Instant.now().plus(DAY), dnsNames);
        }

        public Issued server(KeyPair pair, Instant until, String... dnsNames) {
            GeneralName[] names =
                    Arrays.stream(dnsNames)
                            .map(
                                    each ->
                                            new GeneralName(
                                                    each.matches("[0-9.]+")
                                                            ? GeneralName.iPAddress
                                                            : GeneralName.dNSName,
                                                    each))
                            .toArray(GeneralName[]::new);
            return new Issued(
                    sign(
                            new X500Principal("CN=" + dnsNames[0]),
                            pair,
                            false,
                            new GeneralNames(names),
                            until),
                    pair.getPrivate());
        }

        /** A certificate of a client. */
        public Issued client(String commonName) {
            KeyPair pair = ecKey();
            return new Issued(
                    sign(
                            new X500Principal("CN=" + commonName),
                            pair,
                            false,
                            null,
                            Instant.now().plus(DAY)),
                    pair.getPrivate());
        }

        private X509Certificate sign(
                X500Principal subject,
                KeyPair pair,
                boolean isAuthority,
                @Nullable GeneralNames names,
                Instant until) {
            try {
                JcaX509v3CertificateBuilder builder =
                        new JcaX509v3CertificateBuilder(
                                name,
                                new BigInteger(63, RANDOM).add(BigInteger.ONE),
                                Date.from(until.minus(DAY.multipliedBy(2))),
                                Date.from(until),
                                subject,
                                pair.getPublic());
                builder.addExtension(
                        Extension.basicConstraints, true, new BasicConstraints(isAuthority));
                if (names != null) {
                    builder.addExtension(Extension.subjectAlternativeName, false, names);
                } else if (!isAuthority) {
                    builder.addExtension(
                            Extension.extendedKeyUsage,
                            false,
                            new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
                }
                return new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(
                                        new JcaContentSignerBuilder("SHA256withECDSA")
                                                .build(key.getPrivate())));
            } catch (OperatorCreationException | GeneralSecurityException | CertIOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Trusts what this authority issued, with the means of the JDK. */
        public X509ExtendedTrustManager trust() {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setCertificateEntry("authority", certificate);
                TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
                factory.init(store);
                return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
            } catch (GeneralSecurityException | java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** A client's side of TLS that trusts this authority, and shows nothing. */
        public SSLContext context() {
            return context(null);
        }

        /** The same that shows a certificate. */
        public SSLContext context(@Nullable Issued shown) {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(
                        shown == null ? null : new KeyManager[] {new Showing(shown)},
                        new X509ExtendedTrustManager[] {trust()},
                        null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Shows one certificate, whoever asks. */
    private static final class Showing extends X509ExtendedKeyManager {
        private static final String ALIAS = "own";
        private final Issued shown;

        private Showing(Issued shown) {
            this.shown = shown;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return ALIAS;
        }

        @Override
        public String chooseEngineClientAlias(
                String[] types, Principal[] issuers, javax.net.ssl.SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {shown.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return shown.key();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }
    }
}
