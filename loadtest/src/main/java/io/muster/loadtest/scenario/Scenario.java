package io.muster.loadtest.scenario;

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
