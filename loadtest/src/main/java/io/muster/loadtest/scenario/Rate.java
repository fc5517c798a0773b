package io.muster.loadtest.scenario;

import java.util.concurrent.TimeUnit;

/**
 * How many events a second, at times that are fixed in advance. An immutable value.
 *
 * @param perSecond 0 fixes no times: as fast as it goes
 * @param rampSeconds how long the rate grows from nothing, evenly, until it is reached
 */
public record Rate(long perSecond, double rampSeconds) {

    private static final long PER_SECOND_MAX = 10_000_000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** As fast as it goes. */
    public static final Rate FLAT_OUT = new Rate(0, 0);

    /**
     * A rate given by two options.
     *
     * @param option name of the option of the rate; that of the ramp is given with the ramp
     */
    public static Rate of(String option, long perSecond, String rampOption, double rampSeconds) {
        Range.check(option, perSecond, 0, PER_SECOND_MAX);
        Range.checkSeconds(rampOption, rampSeconds, 0);
        if (perSecond == 0 && rampSeconds > 0) {
            throw new IllegalArgumentException(rampOption + " needs " + option);
        }
        return new Rate(perSecond, rampSeconds);
    }

    /** Whether the time of each event is fixed in advance. */
    public boolean fixed() {
        return perSecond > 0;
    }

    /** How long the ramp takes. */
    public long rampNanos() {
        return (long) (rampSeconds * SECOND);
    }

    /**
     * When an event is due, in nanoseconds from the start. During the ramp, {@code rate * t * t /
     * (2 * ramp)} events are due in the first {@code t} seconds.
     *
     * @param event number of the event, from 0
     */
    public long dueNanos(long event) {
        double inRamp = perSecond * rampSeconds / 2;
        if (event < inRamp) {
            return (long) (Math.sqrt(2 * rampSeconds * event / perSecond) * SECOND);
        }
        // Whole seconds apart, so that it stays exact over a day.
        return event / perSecond * SECOND
                + event % perSecond * SECOND / perSecond
                + rampNanos() / 2;
    }

    /** No fewer events than are due before a time, in nanoseconds from the start. */
    long bound(long nanos) {
        return nanos / SECOND * perSecond + perSecond;
    }
}
