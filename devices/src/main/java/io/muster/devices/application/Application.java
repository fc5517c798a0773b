package io.muster.devices.application;

import io.muster.devices.Secret;
import io.muster.devices.roles.Role;
import java.time.Instant;
import java.util.List;
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
 * @param standing what it may do
 */
public record Application(
        String username,
        String passwordHash,
        Optional<String> scramVerifier,
        Instant createdAt,
        Standing standing) {

    private static final Pattern USERNAME = Pattern.compile("[A-Za-z0-9_.@-]{1,64}");

    /**
     * What an account may do.
     *
     * @param roles the names of its roles, in the order in which their rules are asked
     * @param isDisabled whether it is let in no more
     * @param revision grows with each change of the account
     */
    public record Standing(List<String> roles, boolean isDisabled, long revision) {

        /** Copies the names. */
        public Standing {
            roles = List.copyOf(roles);
        }
    }

    /** An account as it is new: not disabled, with the built-in role. */
    public Application(
            String username,
            String passwordHash,
            Optional<String> scramVerifier,
            Instant createdAt) {
        this(
                username,
                passwordHash,
                scramVerifier,
                createdAt,
                new Standing(List.of(Role.ALL_TOPICS.name()), false, createdAt.toEpochMilli()));
    }

    /**
     * Tells this password from others of the account, before and after; see {@link Secret#mark}.
     */
    public String passwordMark() {
        return Secret.markOf(passwordHash);
    }

    /** Whether somebody can be called so. */
    public static boolean isUsername(String username) {
        return USERNAME.matcher(username).matches();
    }

    /**
     * Returns {@code username} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public static String requireUsername(String username) {
        if (!isUsername(username)) {
            throw new IllegalArgumentException(
                    "username '" + username + "' is not 1 to 64 letters, digits and _ - . @");
        }
        return username;
    }

    /** All but the hash and the verifier, which are not for logs. */
    @Override
    public String toString() {
        return "Application[username="
                + username
                + ", createdAt="
                + createdAt
                + ", standing="
                + standing
                + "]";
    }
}
