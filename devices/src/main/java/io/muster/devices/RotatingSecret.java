package io.muster.devices;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A secret that can be changed while devices use it: the newest, and the one before for as long as
 * it stays good.
 *
 * @param newest what is told to whoever asks for the secret
 * @param previous the one before, if it was given an overlap; look at its end before it is believed
 */
public record RotatingSecret(Secret newest, Optional<Previous> previous) {

    /** The longest that a previous secret stays good. */
    public static final Duration OVERLAP_MAX = Duration.ofDays(30);

    /** How long a previous secret stays good unless somebody says otherwise. */
    public static final Duration OVERLAP_DEFAULT = Duration.ofDays(1);

    /**
     * A secret that another has followed.
     *
     * @param secret no longer told to anybody
     * @param goodUntil from then on it is a wrong one
     */
    public record Previous(Secret secret, Instant goodUntil) {}

    /** One that was never changed. */
    public static RotatingSecret of(Secret secret) {
        return new RotatingSecret(secret, Optional.empty());
    }

    /**
     * Returns {@code overlap} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is negative or longer than 30
     *     days
     */
    public static Duration requireOverlap(Duration overlap) {
        if (overlap.isNegative() || overlap.compareTo(OVERLAP_MAX) > 0) {
            throw new IllegalArgumentException(
                    "overlap of "
                            + overlap.toSeconds()
                            + " s is not 0 to "
                            + OVERLAP_MAX.toSeconds()
                            + " s (30 days)");
        }
        return overlap;
    }

    /** The previous one, if it is still good. */
    public Optional<Previous> previousAt(Instant now) {
        return previous.filter(secret -> now.isBefore(secret.goodUntil()));
    }

    /** Whether a good secret has this {@link Secret#mark}. */
    public boolean isGood(String mark, Instant now) {
        return newest.mark().equals(mark)
                || previousAt(now).filter(one -> one.secret().mark().equals(mark)).isPresent();
    }
}
