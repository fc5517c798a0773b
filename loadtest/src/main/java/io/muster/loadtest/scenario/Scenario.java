package io.muster.loadtest.scenario;

import java.util.concurrent.TimeUnit;

/**
 * What is to be done. An immutable value.
 *
 * @param name of the sub-command
 * @param population who publishes to whom
 * @param connects how connections are opened
 * @param pace how fast messages are sent
 * @param messages what they are
 * @param phases for how long
 * @param demands what is asked beyond what MQTT promises
 */
public record Scenario(
        String name,
        Population population,
        Connects connects,
        Pace pace,
        Messages messages,
        Phases phases,
        Demands demands) {

    private static final int MANY_OUTSTANDING = 1_000;
    private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** Checks that receivers can check what they get. */
    public Scenario {
        if (messages.template() != null
                && !messages.template().stamped()
                && population.subscribers() > 0) {
            throw new IllegalArgumentException(
                    "a payload template needs ${stamp}, by which subscribers check loss and order");
        }
    }

    /**
     * How long messages may be gathered, in nanoseconds, to save system calls: not at all at a
     * rate, for then latency is asked; and only where so many are under way flat out that their
     * waiting for each other hides it.
     */
    public long gatherNanos() {
        long outstanding = (long) population.publishers() * pace.window();
        return pace.openLoop() || outstanding < MANY_OUTSTANDING ? 0 : GATHER_NANOS;
    }

    /**
     * When a message of the open loop is due. The publishers take turns, so the load is even over
     * each interval.
     *
     * @return nanoseconds from the start of the load
     */
    public long dueNanos(int publisher, long sequence) {
        return pace.rate().dueNanos(sequence * population.publishers() + publisher);
    }

    /**
     * How many messages of a publisher are due before a time, given in nanoseconds from the start.
     */
    public long dueBefore(int publisher, long nanos) {
        long low = 0;
        long high = pace.rate().bound(nanos);
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (dueNanos(publisher, middle) < nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return messages.perDevice() == 0 ? low : Math.min(low, messages.perDevice());
    }
}
