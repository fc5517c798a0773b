package io.muster.devices.directory;

import java.time.Duration;

/**
 * Limits and times of the directory.
 *
 * @param cacheMax devices that are not connected, products and accounts held in memory, each; at
 *     least 1. Connected devices are always held: their number is the broker's limit
 * @param cacheIdle how long one that nobody asks for stays in memory
 * @param idleTimeout how long an online device may be silent before it counts as offline; zero is
 *     for ever
 * @param stateWriteInterval how often changed states are written to the registry
 */
public record DirectorySettings(
        int cacheMax, Duration cacheIdle, Duration idleTimeout, Duration stateWriteInterval) {

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
        if (idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout " + idleTimeout + " is negative");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " " + value + " is not more than zero");
        }
    }
}
