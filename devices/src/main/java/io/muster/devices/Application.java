package io.muster.devices;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The account of a back-end application.
 *
 * @param username its user name: 1 to 64 letters, digits and {@code _ - . @}
 * @param passwordHash the encoded hash of its password, with algorithm, parameters and salt; the
 *     registry does not look into it
 * @param scramVerifier what proves the password by SCRAM (RFC 5802), encoded by whoever made it;
 *     the registry does not look into it. Empty for an account that is older than it, or whose
 *     password SCRAM cannot carry
 * @param createdAt when it was created
 */
public record Application(
        String username, String passwordHash, Optional<String> scramVerifier, Instant createdAt) {

    private static final Pattern USERNAME = Pattern.compile("[A-Za-z0-9_.@-]{1,64}");

    /**
     * Returns {@code username} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public static String requireUsername(String username) {
        if (!USERNAME.matcher(username).matches()) {
            throw new IllegalArgumentException(
                    "username '" + username + "' is not 1 to 64 letters, digits and _ - . @");
        }
        return username;
    }

    /** The user name and date only: a hash and a verifier are not for logs. */
    @Override
    public String toString() {
        return "Application[username=" + username + ", createdAt=" + createdAt + "]";
    }
}
