package io.muster.devices.topics;

/** What a rule about topics speaks about. */
public enum Use {
    /** Publishing only. */
    PUBLISH,
    /** Subscribing only. */
    SUBSCRIBE,
    /** Both. */
    ANY;

    /** Whether a rule that speaks about this speaks about {@code other} too. */
    public boolean includes(Use other) {
        return this == ANY || this == other;
    }
}
