package io.muster.loadtest.report;

import org.jspecify.annotations.Nullable;

/**
 * The processes that took part. An immutable value.
 *
 * @param broker null when it was not looked at
 * @param generator the load tester itself; null when the system does not tell
 */
public record Processes(@Nullable Consumption broker, @Nullable Consumption generator) {

    private static final double MICROS_PER_SECOND = 1_000_000;

    /**
     * What one process used.
     *
     * @param cpuSeconds user and system time in the measured window
     * @param cpuMicrosPerOperation the same for each operation; null when there was none
     * @param residentBytes at the end of the window
     */
    public record Consumption(
            double cpuSeconds, @Nullable Double cpuMicrosPerOperation, long residentBytes) {

        /** What was used between two readings; null when one of them is missing. */
        public static @Nullable Consumption between(
                LinuxProcess.@Nullable Usage before,
                LinuxProcess.@Nullable Usage after,
                long operations) {
            if (before == null || after == null) {
                return null;
            }
            double micros = after.cpuMicros() - before.cpuMicros();
            return new Consumption(
                    micros / MICROS_PER_SECOND,
                    operations == 0 ? null : Double.valueOf(micros / operations),
                    after.residentBytes());
        }
    }
}
