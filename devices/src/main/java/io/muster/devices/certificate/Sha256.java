package io.muster.devices.certificate;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256: the fingerprint of a certificate, or the name of a public key. Immutable.
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record Sha256(String hex) {

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /**
     * Checks the digits.
     *
     * @throws IllegalArgumentException saying what is allowed
     */
    public Sha256 {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException(
                    "SHA-256 is not of 64 hexadecimal digits in lower case");
        }
    }

    /** Of some bytes. */
    public static Sha256 of(byte[] content) {
        try {
            return ofDigest(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /**
     * One that was computed elsewhere.
     *
     * @param digest 32 bytes
     */
    public static Sha256 ofDigest(byte[] digest) {
        return new Sha256(HexFormat.of().formatHex(digest));
    }

    /** Its 32 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
