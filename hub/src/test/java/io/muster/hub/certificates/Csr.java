package io.muster.hub.certificates;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certification requests as devices make them. Immutable. */
public final class Csr {

    private final KeyPair keys;
    private final String subject;
    private final String algorithm;
    private final List<Extension> extensions;

    private Csr(KeyPair keys, String subject, String algorithm, List<Extension> extensions) {
        this.keys = keys;
        this.subject = subject;
        this.algorithm = algorithm;
        this.extensions = extensions;
    }

    /** For this key, by the usual algorithm, without a subject. */
    public static Csr of(KeyPair keys) {
        String algorithm = keys.getPrivate().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA";
        return new Csr(keys, "", "SHA256with" + algorithm, List.of());
    }

    /** For a new key on P-256. */
    public static Csr ofNewKey() {
        return of(ec("secp256r1"));
    }

    /** A new key on this curve. */
    public static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new RSA key. */
    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same with this subject, such as {@code CN=d1}. */
    public Csr subject(String name) {
        return new Csr(keys, name, algorithm, extensions);
    }

    /** The same, signed by another algorithm. */
    public Csr algorithm(String other) {
        return new Csr(keys, subject, other, extensions);
    }

    /** The same, which asks for this extension too. */
    public Csr extension(ASN1ObjectIdentifier type, ASN1Encodable value) {
        try {
            List<Extension> more = new ArrayList<>(extensions);
            more.add(new Extension(type, false, value.toASN1Primitive().getEncoded("DER")));
            return new Csr(keys, subject, algorithm, more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Encoded. */
    public byte[] der() {
        try {
            PKCS10CertificationRequestBuilder builder =
                    new JcaPKCS10CertificationRequestBuilder(
                            new X500Name(subject), keys.getPublic());
            if (!extensions.isEmpty()) {
                ExtensionsGenerator generator = new ExtensionsGenerator();
                extensions.forEach(generator::addExtension);
                builder.addAttribute(
                        PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, generator.generate());
            }
            return builder.build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As text. */
    public String pem() {
        return pem(der());
    }

    /** These bytes as text. */
    public static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }
}
