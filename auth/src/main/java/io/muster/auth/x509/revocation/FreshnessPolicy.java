package io.muster.auth.x509.revocation;

import java.time.Duration;

/**
 * What lists that are not fresh mean to those who want to be let in. Immutable.
 *
 * @param grace how long after the time of the next list the last one is still good
 * @param admitsStale lets in also those of whom it is not known any more, or not yet, that they are
 *     not revoked, since an operator wants it so; who is known to be revoked is refused
 *     nevertheless, and so is who never would be named by any list
 */
public record FreshnessPolicy(Duration grace, boolean admitsStale) {

    /** An hour, and nobody is let in after it. */
    public static final FreshnessPolicy STRICT = new FreshnessPolicy(Duration.ofHours(1), false);

    /** Checks that the grace is not negative. */
    public FreshnessPolicy {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace is negative: " + grace);
        }
    }
}
