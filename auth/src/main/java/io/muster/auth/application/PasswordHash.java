package io.muster.auth.application;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hashes of passwords: Argon2id (RFC 9106) with 19 MiB, two passes and one lane.
 *
 * <p>That takes some 75 ms of one core and 19 MiB for each call that runs, plus 19 MiB that the
 * library keeps from the first call on. Both methods are for threads that may be busy that long,
 * never for event loops. The encoded form carries parameters and salt, so that the parameters can
 * grow later and older hashes still verify.
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
                    "\\$argon2id\\$v=19\\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=1\\$[A-Za-z0-9+/]{11,86}\\$[A-Za-z0-9+/]{43,86}");

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
        return Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID)
                .hash(bytes, salt)
                .getResult();
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
            throw new IllegalArgumentException("the stored password hash cannot be read");
        }
        return password.length <= PASSWORD_BYTES_MAX
                && Argon2Function.getInstanceFromHash(encoded)
                        .check(password, encoded.getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean isBetween(String number, int min, int max) {
        int value = Integer.parseInt(number);
        return value >= min && value <= max;
    }
}
