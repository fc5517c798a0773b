package io.muster.ca.issuance;

import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.key.SigningKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.util.BigIntegers;

/**
 * A key that nobody trusts, for certificates that nobody sees. Its signatures have the algorithm
 * and the form of real ones, and take next to no time, as nothing about it is secret: RSA with a
 * private exponent that anybody can guess, ECDSA with one nonce for all. Shared by threads.
 */
final class ThrowawayKey implements SigningKey {

    private static final BigInteger SHORT_EXPONENT = BigInteger.valueOf(3);
    private static final AlgorithmIdentifier SHA_256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);

    private final PublicKey publicKey;
    private final AlgorithmIdentifier algorithm;
    private final String digest;
    private final UnaryOperator<byte[]> signature;

    private ThrowawayKey(
            KeyKind kind, PublicKey publicKey, String digest, UnaryOperator<byte[]> signature) {
        this.publicKey = publicKey;
        this.algorithm = kind.signatureIdentifier();
        this.digest = digest;
        this.signature = signature;
    }

    /** A new one of a kind. */
    static SigningKey of(KeyKind kind, SecureRandom random) {
        KeyPair pair = kind.generate(random);
        if (pair.getPublic() instanceof RSAPublicKey key) {
            return new ThrowawayKey(kind, key, "SHA-256", hash -> rsa(key.getModulus(), hash));
        }
        if (pair.getPrivate() instanceof ECPrivateKey key) {
            String digest = kind == KeyKind.EC_P384 ? "SHA-384" : "SHA-256";
            return new ThrowawayKey(kind, pair.getPublic(), digest, hash -> ecdsa(key, hash));
        }
        return ProviderKey.of("throwaway", pair);
    }

    /** RFC 8017, 8.2.1 and 9.2. */
    private static byte[] rsa(BigInteger modulus, byte[] hash) {
        int length = (modulus.bitLength() + 7) / 8;
        byte[] info = encoded(new DigestInfo(SHA_256, hash));
        byte[] padded = new byte[length];
        padded[1] = 1;
        Arrays.fill(padded, 2, length - info.length - 1, (byte) 0xFF);
        System.arraycopy(info, 0, padded, length - info.length, info.length);
        BigInteger signature = new BigInteger(1, padded).modPow(SHORT_EXPONENT, modulus);
        return BigIntegers.asUnsignedByteArray(length, signature);
    }

    /** FIPS 186-4, 6.4, with the nonce 1, whose point is the generator. */
    private static byte[] ecdsa(ECPrivateKey key, byte[] hash) {
        BigInteger order = key.getParams().getOrder();
        BigInteger r = key.getParams().getGenerator().getAffineX().mod(order);
        BigInteger s = new BigInteger(1, hash).add(r.multiply(key.getS())).mod(order);
        ASN1EncodableVector both = new ASN1EncodableVector(2);
        both.add(new ASN1Integer(r));
        both.add(new ASN1Integer(s));
        return encoded(new DERSequence(both));
    }

    private static byte[] encoded(ASN1Object object) {
        try {
            return object.getEncoded("DER");
        } catch (IOException impossible) {
            throw new IllegalStateException("two numbers cannot be encoded", impossible);
        }
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public AlgorithmIdentifier algorithm() {
        return algorithm;
    }

    @Override
    public ContentSigner signer() {
        return new Signer();
    }

    private final class Signer implements ContentSigner {

        private final ByteArrayOutputStream content = new ByteArrayOutputStream(1024);

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return algorithm;
        }

        @Override
        public OutputStream getOutputStream() {
            return content;
        }

        @Override
        public byte[] getSignature() {
            try {
                return signature.apply(
                        MessageDigest.getInstance(digest).digest(content.toByteArray()));
            } catch (NoSuchAlgorithmException missing) {
                throw new IllegalStateException("this Java has no " + digest, missing);
            }
        }
    }
}
