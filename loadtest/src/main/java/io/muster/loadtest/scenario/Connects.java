package io.muster.loadtest.scenario;

/**
 * How connections are opened. An immutable value.
 *
 * @param rate of devices, and of subscribers; flat out there are no times
 * @param atOnce how many may be under way
 * @param rounds how often the devices connect; between rounds all are closed
 * @param subscribing whether each device subscribes to its own topic
 */
public record Connects(Rate rate, int atOnce, int rounds, boolean subscribing) {

    /** Enough to keep a broker busy, few enough not to be a storm. */
    public static final int AT_ONCE = 100;

    private static final int AT_ONCE_MAX = 1_000_000;
    private static final int ROUNDS_MAX = 100_000;

    /** Checks the range. */
    public Connects {
        Range.check("--at-once", atOnce, 1, AT_ONCE_MAX);
        Range.check("--rounds", rounds, 1, ROUNDS_MAX);
    }
}
