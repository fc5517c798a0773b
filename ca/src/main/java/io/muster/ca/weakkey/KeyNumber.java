package io.muster.ca.weakkey;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import org.bouncycastle.util.BigIntegers;

/**
 * The number by which the badkeys project knows a key, however it is encoded: the modulus of RSA, x
 * of a point of EC, and of Ed25519 its 32 bytes as they stand in the key (RFC 8410), read as one.
 */
final class KeyNumber {

    private static final int ED25519_BYTES = 32;

    private KeyNumber() {}

    /** SHA-256 of the number's bytes, the highest first, without zeros in front. */
    static byte[] hash(PublicKey key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(BigIntegers.asUnsignedByteArray(of(key)));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    private static BigInteger of(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return rsa.getModulus();
        }
        if (key instanceof ECPublicKey ec) {
            return ec.getW().getAffineX();
        }
        byte[] encoded = key.getEncoded();
        return new BigInteger(
                1, Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length));
    }
}
