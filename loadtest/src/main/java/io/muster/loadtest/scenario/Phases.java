package io.muster.loadtest.scenario;

import java.util.concurrent.TimeUnit;

/**
 * For how long, in seconds. An immutable value.
 *
 * @param warmupSeconds load before the measured window
 * @param durationSeconds the measured window
 * @param patienceSeconds what is outstanding counts as lost when nothing arrived for so long
 */
public record Phases(double warmupSeconds, double durationSeconds, double patienceSeconds) {

    private static final double SHORTEST_SECONDS = 0.1;

    /** Checks the ranges. */
    public Phases {
        Range.checkSeconds("--warmup", warmupSeconds, 0);
        Range.checkSeconds("--duration", durationSeconds, SHORTEST_SECONDS);
        Range.checkSeconds("--patience", patienceSeconds, SHORTEST_SECONDS);
    }

    /** The load before the measured window. */
    public long warmupNanos() {
        return nanos(warmupSeconds);
    }

    /** The measured window. */
    public long durationNanos() {
        return nanos(durationSeconds);
    }

    /** How long nothing may arrive. */
    public long patienceNanos() {
        return nanos(patienceSeconds);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
