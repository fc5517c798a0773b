package io.muster.auth.application;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes of passwords: Argon2id (RFC 9106) with 19 MiB, two passes and one lane.
 *
 * <p>That takes some 75 ms of one core and 19 MiB for each call that runs. Both methods are for
 * threads that may be busy that long, never for event loops. The encoded form (PHC string format)
 * carries parameters and salt, so that the parameters can grow later and older hashes still verify.
 */
public final class PasswordHash {

    /** The longest password, in bytes of UTF-8. */
    public static final int PASSWORD_BYTES_MAX = 256;

    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    /** What a stored hash may ask for, so that a damaged one cannot claim all memory or time. */
    private static final int MEMORY_KIB_MAX = 128 * 1024;

    private static final int PASSES_MAX = 16;

    private static final Pattern ENCODED =
            Pattern.compile(
                    "\\$argon2id\\$v=19\\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=1\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{43,86})");

    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

    private static final SecureRandom RANDOM = new SecureRandom();

    private PasswordHash() {}

    /**
     * The encoded hash of a new password, with a salt of its own.
     *
     * @throws IllegalArgumentException if the password is empty or longer than 256 bytes
     */
    public static String hash(String password) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > PASSWORD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a password has 1 to " + PASSWORD_BYTES_MAX + " bytes");
        }
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        byte[] hash = compute(bytes, salt, MEMORY_KIB, PASSES, HASH_BYTES);
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        ENCODER.encodeToString(salt),
                        ENCODER.encodeToString(hash));
    }

    /**
     * Whether {@code encoded} is a hash of {@code password}; compared in constant time.
     *
     * @param password bytes of UTF-8
     * @throws IllegalArgumentException if {@code encoded} is not a hash made by {@link #hash}
     */
    public static boolean verify(byte[] password, String encoded) {
        Matcher parts = ENCODED.matcher(encoded);
        boolean readable =
                parts.matches()
                        && isBetween(parts.group(1), 8, MEMORY_KIB_MAX)
                        && isBetween(parts.group(2), 1, PASSES_MAX);
        if (!readable) {
            throw unreadable();
        }
        return password.length <= PASSWORD_BYTES_MAX && matches(password, parts);
    }

    private static boolean matches(byte[] password, Matcher parts) {
        byte[] salt = decode(parts.group(3));
        byte[] expected = decode(parts.group(4));
        int memoryKib = Integer.parseInt(parts.group(1));
        int passes = Integer.parseInt(parts.group(2));
        return MessageDigest.isEqual(
                expected, compute(password, salt, memoryKib, passes, expected.length));
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw unreadable();
        }
    }

    private static IllegalArgumentException unreadable() {
        return new IllegalArgumentException("the stored password hash cannot be read");
    }

    private static byte[] compute(
            byte[] password, byte[] salt, int memoryKib, int passes, int hashBytes) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(memoryKib)
                        .withIterations(passes)
                        .withParallelism(LANES)
                        .withSalt(salt)
                        .build());
        byte[] hash = new byte[hashBytes];
        generator.generateBytes(password, hash);
        return hash;
    }

    private static boolean isBetween(String number, int min, int max) {
        int value = Integer.parseInt(number);
        return value >= min && value <= max;
    }
}
