package io.muster.broker.metrics;

/** Counts clients that were turned away, by reason. Any thread. */
public interface Refusals {

    /** A CONNECT was refused; {@code reason} is one of a fixed set of names. */
    void refused(String reason);

    /**
     * A signed-in client broke the protocol and is disconnected for it; {@code reason} is one of a
     * fixed set of names.
     */
    void violated(String reason);

    /** A topic filter was not subscribed to; {@code reason} is one of a fixed set of names. */
    void notSubscribed(String reason);
}
