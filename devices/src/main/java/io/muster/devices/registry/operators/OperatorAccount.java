package io.muster.devices.registry.operators;

import java.time.Instant;
import java.util.Optional;

/**
 * The account of somebody who manages the hub. Immutable.
 *
 * @param username 1 to 64 letters, digits and {@code _ - . @}
 * @param passwordHash the encoded hash of the password
 * @param role what it may do
 * @param disabled whether it may do nothing at present
 * @param revision grows with each change that somebody makes
 * @param createdAt when it was made
 * @param lastUsedAt when it last signed in, give or take some minutes; empty if it never did
 */
public record OperatorAccount(
        String username,
        String passwordHash,
        Role role,
        boolean disabled,
        long revision,
        Instant createdAt,
        Optional<Instant> lastUsedAt) {

    /**
     * What is to be another than before.
     *
     * @param passwordHash as in {@link OperatorAccount}; empty stays as it is
     * @param role as in {@link OperatorAccount}; empty stays as it is
     * @param disabled as in {@link OperatorAccount}; empty stays as it is
     */
    public record Change(
            Optional<String> passwordHash, Optional<Role> role, Optional<Boolean> disabled) {

        /** Without the hash. */
        @Override
        public String toString() {
            return "Change[role=" + role + ", disabled=" + disabled + "]";
        }
    }

    /** Everything but the hash. */
    @Override
    public String toString() {
        return "OperatorAccount[username=%s, role=%s, disabled=%b]"
                .formatted(username, role, disabled);
    }
}
