package io.muster.loadtest.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * Messages of the whole run, warm-up included. An immutable value.
 *
 * @param sent by all publishers
 * @param received by all subscribers, duplicates included
 * @param lost deliveries that never came, of messages that the broker had acknowledged (QoS 0: of
 *     those sent)
 * @param unacknowledged QoS 1 and 2: sent and never acknowledged
 * @param faults of deliveries
 */
public record Counts(
        long sent, long received, long lost, long unacknowledged, @JsonUnwrapped Faults faults) {

    /**
     * What is wrong with deliveries.
     *
     * @param duplicates had come before
     * @param outOfOrder came after a later message of the same publisher
     * @param misrouted came to a subscriber that had not asked for them
     * @param unflagged retained messages that came without the retain flag
     * @param foreign of others, which are not counted in any other number
     */
    public record Faults(
            long duplicates, long outOfOrder, long misrouted, long unflagged, long foreign) {}
}
