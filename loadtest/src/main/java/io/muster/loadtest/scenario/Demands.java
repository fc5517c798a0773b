package io.muster.loadtest.scenario;

import org.jspecify.annotations.Nullable;

/**
 * What is asked of the broker beyond what MQTT promises. An immutable value.
 *
 * @param p99Millis 99 of 100 latencies may be at most so long; null asks nothing
 * @param withinSeconds all connections must be there so soon; null asks nothing
 */
public record Demands(@Nullable Double p99Millis, @Nullable Double withinSeconds) {

    /** Nothing. */
    public static final Demands NONE = new Demands(null, null);

    /** Checks the ranges. */
    public Demands {
        if (p99Millis != null && !(p99Millis > 0)) {
            throw new IllegalArgumentException("--max-p99 must be above 0, not " + p99Millis);
        }
        if (withinSeconds != null) {
            Range.checkSeconds("--within", withinSeconds, 0);
        }
    }
}
