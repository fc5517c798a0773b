package io.muster.ca;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Which public key it is: SHA-256 of its DER (SubjectPublicKeyInfo).
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record KeyHash(String hex) {

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /** Checks that it is one. */
    public KeyHash {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("hash of a key is not 64 hexadecimal digits");
        }
    }

    /** Of a key that has an encoding, as public keys have. */
    public static KeyHash of(PublicKey key) {
        return ofDer(key.getEncoded());
    }

    /** Of an encoded SubjectPublicKeyInfo. */
    public static KeyHash ofDer(byte[] publicKeyInfo) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(publicKeyInfo);
            return new KeyHash(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256", missing);
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}
