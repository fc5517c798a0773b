package io.muster.broker.pace;

import java.time.Duration;

/**
 * How often one client identifier may be taken over from a connection that is there still.
 *
 * @param count so many within {@code within}, and as many at once; 0 is no limit
 * @param within for how long a client identifier counts as contested after the last attempt
 * @param firstHold how long the present connection is left alone once there were more
 * @param longestHold doubled each time that somebody had to wait, up to this
 */
public record TakeOverLimits(int count, Duration within, Duration firstHold, Duration longestHold) {

    /** What holds where the operator says nothing else. */
    public static final TakeOverLimits DEFAULT =
            new TakeOverLimits(
                    10, Duration.ofMinutes(1), Duration.ofSeconds(2), Duration.ofSeconds(30));

    /** No limit. */
    public static final TakeOverLimits NONE =
            new TakeOverLimits(
                    0, Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofSeconds(1));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is wrong and what is allowed
     */
    public TakeOverLimits {
        if (count < 0) {
            throw new IllegalArgumentException("count " + count + " is negative");
        }
        requirePositive("within", within);
        requirePositive("firstHold", firstHold);
        requirePositive("longestHold", longestHold);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " " + value + " is not more than zero");
        }
    }
}
