package io.muster.ca.weakkey;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.HexFormat;

/**
 * By which a public key is known: the SHA-256 of its SubjectPublicKeyInfo in DER, as 64 hexadecimal
 * digits in lower case.
 *
 * @param hex the digits
 */
public record KeyHash(String hex) {

    private static final HexFormat HEX = HexFormat.of();

    /** Checks the digits. */
    public KeyHash {
        if (!isHash(hex)) {
            throw new IllegalArgumentException(
                    "hash of a key is not of 64 hexadecimal digits in lower case");
        }
    }

    /** Of this key. */
    public static KeyHash of(PublicKey key) {
        return ofDer(key.getEncoded());
    }

    /** Of an encoded SubjectPublicKeyInfo. */
    public static KeyHash ofDer(byte[] publicKeyInfo) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(publicKeyInfo);
            return new KeyHash(HEX.formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 in this Java", e);
        }
    }

    private static boolean isHash(String text) {
        return text.length() == 64
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** Its digits. */
    @Override
    public String toString() {
        return hex;
    }
}
