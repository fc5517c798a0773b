package io.muster.broker.routing;

/** Which member of a shared subscription gets a message, of those that can take it. */
public enum ShareStrategy {
    /** One after the other. */
    ROUND_ROBIN,
    /**
     * The one with the fewest messages before it: waiting, or sent and not acknowledged. Of many
     * members, the better of two drawn at random.
     */
    LEAST_LOADED
}
