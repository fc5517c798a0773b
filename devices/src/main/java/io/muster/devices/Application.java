package io.muster.devices;

import java.time.Instant;

/**
 * The account of a back-end application.
 *
 * @param username its user name: 1 to 64 letters, digits and {@code _ - . @}
 * @param passwordHash the encoded hash of its password, with algorithm, parameters and salt; the
 *     registry does not look into it
 * @param createdAt when it was created
 */
public record Application(String username, String passwordHash, Instant createdAt) {

    /** The user name and date only: a hash is not for logs. */
    @Override
    public String toString() {
        return "Application[username=" + username + ", createdAt=" + createdAt + "]";
    }
}
