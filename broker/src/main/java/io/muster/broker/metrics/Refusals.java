package io.muster.broker.metrics;

/** Counts refused CONNECT packets by reason. Any thread. */
public interface Refusals {

    /** A CONNECT was refused; {@code reason} is one of a fixed set of names. */
    void refused(String reason);
}
