package io.muster.auth.application;

import com.ongres.scram.common.ScramFunctions;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What is stored of a password of an application account: enough to check it in each way, and not
 * the password. Immutable.
 *
 * @param hash for the plain way, see {@link PasswordHash}
 * @param scramVerifier for SCRAM-SHA-256; empty if the password has characters that SCRAM cannot
 *     carry, so that it is good for the plain way only
 */
public record StoredPassword(String hash, Optional<String> scramVerifier) {

    /** The fewest iterations of SCRAM that are safe enough, and what is usual. */
    public static final int SCRAM_ITERATIONS_MIN = 15_000;

    /** As many take a fast client a second. */
    public static final int SCRAM_ITERATIONS_MAX = 1_000_000;

    private static final int SALT_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * What is stored of {@code password}. Takes some 100 ms of a core and 19 MiB, so it is for
     * threads that may be busy that long, never for event loops.
     *
     * @param scramIterations {@link #SCRAM_ITERATIONS_MIN} or more; the client has to do them too
     * @throws IllegalArgumentException if the password is empty or longer than 256 bytes
     */
    public static StoredPassword of(String password, int scramIterations) {
        return new StoredPassword(
                PasswordHash.hash(password), scramVerifier(password, scramIterations));
    }

    /** Its verifier, with a salt of its own. */
    static Optional<String> scramVerifier(String password, int iterations) {
        byte[] salt = ScramFunctions.salt(SALT_BYTES, RANDOM);
        return ScramVerifier.of(password, salt, iterations).map(ScramVerifier::encoded);
    }

    /** Nothing of what it holds. */
    @Override
    public String toString() {
        return "StoredPassword[]";
    }
}
