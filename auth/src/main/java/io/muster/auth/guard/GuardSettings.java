package io.muster.auth.guard;

import java.time.Duration;

/**
 * When the sign-in guard bars somebody, and for how long. Immutable.
 *
 * @param nameFailures after so many wrong sign-ins with one name from one address that name is
 *     barred at that address; 0 is never
 * @param nameFailuresEverywhere after so many with one name from all addresses together, one more
 *     bars the name at the address that it comes from; 0 is never. Nobody is barred who makes no
 *     mistake
 * @param addressNames when so many names have failed from one address, the address is barred; 0 is
 *     never
 * @param window within which they are counted
 * @param firstBar how long the first bar lasts; each that follows takes twice as long
 * @param longestBar but no longer than this
 * @param entriesMax how many names, addresses, and names at addresses are remembered, each
 * @param connectRate how often a device may connect
 */
public record GuardSettings(
        int nameFailures,
        int nameFailuresEverywhere,
        int addressNames,
        Duration window,
        Duration firstBar,
        Duration longestBar,
        int entriesMax,
        ConnectRate connectRate) {

    /** What holds where the operator says nothing else. */
    public static final GuardSettings DEFAULT =
            new GuardSettings(
                    5,
                    50,
                    20,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(5),
                    100_000,
                    ConnectRate.DEFAULT);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException naming the one that is wrong and what is allowed
     */
    public GuardSettings {
        requireAtLeast(0, "nameFailures", nameFailures);
        requireAtLeast(0, "nameFailuresEverywhere", nameFailuresEverywhere);
        requireAtLeast(0, "addressNames", addressNames);
        requireAtLeast(1, "entriesMax", entriesMax);
        requirePositive("window", window);
        requirePositive("firstBar", firstBar);
        if (longestBar.compareTo(firstBar) < 0) {
            throw new IllegalArgumentException(
                    "longestBar is %s, but must be at least firstBar, %s"
                            .formatted(longestBar, firstBar));
        }
    }

    /**
     * How often a device may connect.
     *
     * @param enabled whether that is looked at
     * @param connects at most so many, 1 to 100
     * @param within so long; one more bars the device
     * @param barTime for so long
     */
    public record ConnectRate(boolean enabled, int connects, Duration within, Duration barTime) {

        /** The most that can be allowed, since the time of each is kept. */
        public static final int CONNECTS_MAX = 100;

        /** Off; what the device protocol recommends if it is switched on. */
        public static final ConnectRate DEFAULT =
                new ConnectRate(false, 4, Duration.ofMinutes(2), Duration.ofMinutes(5));

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException naming the one that is wrong and what is allowed
         */
        public ConnectRate {
            requireAtLeast(1, "connects", connects);
            if (connects > CONNECTS_MAX) {
                throw new IllegalArgumentException(
                        "connects is %d, but must be at most %d".formatted(connects, CONNECTS_MAX));
            }
            requirePositive("within", within);
            requirePositive("barTime", barTime);
        }
    }

    private static void requireAtLeast(int min, String name, int value) {
        if (value < min) {
            throw new IllegalArgumentException(
                    "%s is %d, but must be at least %d".formatted(name, value, min));
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s is %s, but must be above zero".formatted(name, value));
        }
    }
}
