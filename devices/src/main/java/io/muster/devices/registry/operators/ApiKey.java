package io.muster.devices.registry.operators;

import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A key with which a program manages the hub. Immutable.
 *
 * @param id names it; not secret
 * @param name for people, 1 to 100 characters
 * @param secrets whoever knows one that is good is who was given the key
 * @param standing what it may do
 * @param createdAt when it was made
 * @param lastUsedAt when it was last used, give or take some minutes; empty if it never was
 */
public record ApiKey(
        String id,
        String name,
        RotatingSecret secrets,
        Standing standing,
        Instant createdAt,
        Optional<Instant> lastUsedAt) {

    /**
     * What a key may do.
     *
     * @param role what it may do
     * @param disabled whether it may do nothing at present
     * @param expiresAt from when on it may do nothing; empty is never
     * @param revision grows with each change that somebody makes
     */
    public record Standing(
            Role role, boolean disabled, Optional<Instant> expiresAt, long revision) {}

    /** The newest of its secrets. */
    public Secret secret() {
        return secrets.newest();
    }

    /** What it may do. */
    public Role role() {
        return standing.role();
    }

    /** Whether it may do nothing at present. */
    public boolean disabled() {
        return standing.disabled();
    }

    /** From when on it may do nothing; empty is never. */
    public Optional<Instant> expiresAt() {
        return standing.expiresAt();
    }

    /** The secrets that are good at {@code now}, the newest first. */
    public List<Secret> goodSecrets(Instant now) {
        return Stream.concat(
                        Stream.of(secrets.newest()),
                        secrets.previousAt(now).map(RotatingSecret.Previous::secret).stream())
                .toList();
    }

    /** Whether it may be used at {@code now}. */
    public boolean isGoodAt(Instant now) {
        return !disabled() && expiresAt().map(now::isBefore).orElse(true);
    }

    /**
     * What is to be another than before.
     *
     * @param name as in {@link ApiKey}; empty stays as it is
     * @param role as in {@link ApiKey}; empty stays as it is
     * @param disabled as in {@link ApiKey}; empty stays as it is
     * @param expiry when it expires, or never; empty stays as it is
     */
    public record Change(
            Optional<String> name,
            Optional<Role> role,
            Optional<Boolean> disabled,
            Optional<Expiry> expiry) {}

    /**
     * When a key expires.
     *
     * @param at empty is never
     */
    public record Expiry(Optional<Instant> at) {

        /** Never. */
        public static final Expiry NEVER = new Expiry(Optional.empty());

        private static final long NEVER_MILLIS = Long.MAX_VALUE;

        long millis() {
            return at.map(Instant::toEpochMilli).orElse(NEVER_MILLIS);
        }

        static Expiry ofMillis(long millis) {
            return millis == NEVER_MILLIS
                    ? NEVER
                    : new Expiry(Optional.of(Instant.ofEpochMilli(millis)));
        }
    }
}
