package io.muster.loadtest.fleet;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A device's own key, and its request for a certificate (RFC 2986). An immutable value.
 *
 * @param deviceKey of the device
 * @param privateKey of the device alone
 * @param csr in PEM
 */
public record CertificateRequest(String deviceKey, PrivateKey privateKey, String csr) {

    private static final int RSA_BITS = 2048;

    /** Kinds of keys. */
    public enum KeyKind {
        /** On the curve P-256. */
        EC,
        /** With 2048 bits. */
        RSA
    }

    /** Makes a key, and a request that it signs. */
    public static CertificateRequest make(String deviceKey, KeyKind kind) {
        try {
            KeyPair pair = pair(kind);
            String algorithm = kind == KeyKind.EC ? "SHA256withECDSA" : "SHA256withRSA";
            Object request =
                    new JcaPKCS10CertificationRequestBuilder(
                                    new X500NameBuilder()
                                            .addRDN(BCStyle.OU, DeviceFleet.PRODUCT_KEY)
                                            .addRDN(BCStyle.CN, deviceKey)
                                            .build(),
                                    pair.getPublic())
                            .build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()));
            return new CertificateRequest(deviceKey, pair.getPrivate(), pem(request));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("every Java platform has " + kind, e);
        }
    }

    private static KeyPair pair(KeyKind kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.name());
        if (kind == KeyKind.EC) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else {
            generator.initialize(RSA_BITS);
        }
        return generator.generateKeyPair();
    }

    /** Something in PEM. */
    static String pem(Object value) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Everything but the key. */
    @Override
    public String toString() {
        return "CertificateRequest[" + deviceKey + "]";
    }
}
