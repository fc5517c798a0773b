package io.muster.devices.product;

import java.time.Duration;
import java.util.Optional;

/**
 * What is asked of a product's devices when they sign in with a secret. What is empty is as the hub
 * is configured.
 *
 * @param allowWeakDigests whether SHA-1 and MD5 are accepted
 * @param maxClockSkew how far a timestamp may be from the clock, to the second, at most a day; zero
 *     does not look at it
 * @param timestampsAscend whether a timestamp that is before the last accepted one is refused
 */
public record SignInPolicy(
        Optional<Boolean> allowWeakDigests,
        Optional<Duration> maxClockSkew,
        Optional<Boolean> timestampsAscend) {

    /** The longest {@link #maxClockSkew}. */
    public static final Duration SKEW_MAX = Duration.ofDays(1);

    /** All as the hub is configured. */
    public static final SignInPolicy AS_CONFIGURED =
            new SignInPolicy(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Checks the skew.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public SignInPolicy {
        maxClockSkew.ifPresent(
                skew -> {
                    if (skew.isNegative()
                            || skew.compareTo(SKEW_MAX) > 0
                            || !skew.equals(Duration.ofSeconds(skew.toSeconds()))) {
                        throw new IllegalArgumentException(
                                "maxClockSkew " + skew + " is not 0 to 86400 whole seconds");
                    }
                });
    }
}
