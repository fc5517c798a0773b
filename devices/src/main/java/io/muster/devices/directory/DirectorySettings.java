package io.muster.devices.directory;

import java.time.Duration;

/**
 * Limits and times of the directory.
 *
 * @param cacheMax devices that are not connected, products and accounts held in memory, each; at
 *     least 1. Connected devices are always held: their number is the broker's limit
 * @param cacheIdle how long one that nobody asks for stays in memory
 * @param idleTimeout how long an online device may send no data before it counts as offline, unless
 *     its product says otherwise; zero is for ever
 * @param stateWriteInterval how often changed states are written to the registry
 * @param outageGrace how long into an outage of the registry what is in memory may be used for
 *     sign-ins; zero is not at all
 */
public record DirectorySettings(
        int cacheMax,
        Duration cacheIdle,
        Duration idleTimeout,
        Duration stateWriteInterval,
        Duration outageGrace) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is wrong and what is allowed
     */
    public DirectorySettings {
        if (cacheMax < 1) {
            throw new IllegalArgumentException("cacheMax " + cacheMax + " is less than 1");
        }
        requirePositive("cacheIdle", cacheIdle);
        requirePositive("stateWriteInterval", stateWriteInterval);
        requireNotNegative("idleTimeout", idleTimeout);
        requireNotNegative("outageGrace", outageGrace);
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " " + value + " is negative");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " " + value + " is not more than zero");
        }
    }
}
