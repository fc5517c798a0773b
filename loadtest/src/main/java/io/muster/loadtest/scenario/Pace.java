package io.muster.loadtest.scenario;

/**
 * How fast messages are sent. An immutable value.
 *
 * @param rate over all devices; at a rate it is an open loop, flat out a closed one
 * @param window messages outstanding per device: in the closed loop those not yet acknowledged and
 *     delivered, in the open loop those of QoS 1 and 2 not yet acknowledged
 */
public record Pace(Rate rate, int window) {

    /** Checks the range. */
    public Pace {
        Range.check("--window", window, 1, 65_535);
    }

    /** Whether the time of each message is fixed in advance. */
    public boolean openLoop() {
        return rate.fixed();
    }
}
