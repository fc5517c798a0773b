package io.muster.ca.key;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.jspecify.annotations.Nullable;

/** The kinds of keys that certificates are made for, and what each of them signs with. */
public enum KeyKind {
    /** What every device can do. */
    RSA_2048("RSA", "SHA256withRSA", 2048),
    /** A longer one. */
    RSA_3072("RSA", "SHA256withRSA", 3072),
    /** The longest one. */
    RSA_4096("RSA", "SHA256withRSA", 4096),
    /** The curve that is called prime256v1, too. */
    EC_P256("EC", "SHA256withECDSA", "1.2.840.10045.3.1.7"),
    /** For keys that are to last. */
    EC_P384("EC", "SHA384withECDSA", "1.3.132.0.34"),
    /** RFC 8410. */
    ED25519("Ed25519", "Ed25519", null);

    private final String algorithm;
    private final String signatureAlgorithm;
    private final int rsaBits;

    /** Its object identifier. */
    private final @Nullable String curve;

    KeyKind(String algorithm, String signatureAlgorithm, int rsaBits) {
        this(algorithm, signatureAlgorithm, rsaBits, null);
    }

    KeyKind(String algorithm, String signatureAlgorithm, @Nullable String curve) {
        this(algorithm, signatureAlgorithm, 0, curve);
    }

    KeyKind(String algorithm, String signatureAlgorithm, int rsaBits, @Nullable String curve) {
        this.algorithm = algorithm;
        this.signatureAlgorithm = signatureAlgorithm;
        this.rsaBits = rsaBits;
        this.curve = curve;
    }

    /** Java's name of the algorithm with which such a key signs, {@code SHA256withRSA}. */
    public String signatureAlgorithm() {
        return signatureAlgorithm;
    }

    /** That algorithm, as certificates and lists say it. */
    public AlgorithmIdentifier signatureIdentifier() {
        return new DefaultSignatureAlgorithmIdentifierFinder().find(signatureAlgorithm);
    }

    /** Makes a key of this kind, in this process; takes up to seconds for the longer RSA keys. */
    public KeyPair generate(SecureRandom random) {
        try {
            return generate(KeyPairGenerator.getInstance(algorithm), random);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java makes no keys of " + this, missing);
        }
    }

    /** Makes a key of this kind where a provider keeps its keys. */
    KeyPair generate(Provider provider) throws GeneralSecurityException {
        return generate(KeyPairGenerator.getInstance(algorithm, provider), null);
    }

    private KeyPair generate(KeyPairGenerator generator, @Nullable SecureRandom random)
            throws GeneralSecurityException {
        AlgorithmParameterSpec parameters = parameters();
        if (random == null && parameters != null) {
            generator.initialize(parameters);
        } else if (random != null && parameters != null) {
            generator.initialize(parameters, random);
        }
        return generator.generateKeyPair();
    }

    private @Nullable AlgorithmParameterSpec parameters() {
        if (rsaBits > 0) {
            return new RSAKeyGenParameterSpec(rsaBits, RSAKeyGenParameterSpec.F4);
        }
        return curve == null ? null : new ECGenParameterSpec(curve);
    }

    /** The kind of this key, if it is one of ours. */
    public static Optional<KeyKind> of(PublicKey key) {
        return of(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    /**
     * The kind of this key, if it is one of ours: RSA of exactly such a length, or named curves.
     */
    public static Optional<KeyKind> of(SubjectPublicKeyInfo key) {
        ASN1ObjectIdentifier algorithm = key.getAlgorithm().getAlgorithm();
        ASN1Encodable parameters = key.getAlgorithm().getParameters();
        if (PKCSObjectIdentifiers.rsaEncryption.equals(algorithm)) {
            int bits = rsaBits(key);
            return Arrays.stream(values())
                    .filter(kind -> kind.rsaBits > 0 && kind.rsaBits == bits)
                    .findAny();
        }
        if (X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm)) {
            return Arrays.stream(values()).filter(kind -> kind.isOn(parameters)).findAny();
        }
        boolean edwards = EdECObjectIdentifiers.id_Ed25519.equals(algorithm);
        return edwards ? Optional.of(ED25519) : Optional.empty();
    }

    /** Only names of curves are known here, no curves that are described. */
    private boolean isOn(@Nullable ASN1Encodable parameters) {
        return parameters instanceof ASN1ObjectIdentifier name && name.getId().equals(curve);
    }

    private static int rsaBits(SubjectPublicKeyInfo key) {
        try {
            return RSAPublicKey.getInstance(key.parsePublicKey()).getModulus().bitLength();
        } catch (IOException | IllegalArgumentException malformed) {
            return 0;
        }
    }
}
