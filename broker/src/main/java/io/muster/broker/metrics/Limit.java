package io.muster.broker.metrics;

/** What makes publishers wait, or turns clients away. The lower-case name is the metric's tag. */
public enum Limit {
    /** Messages in a second of one client. */
    CLIENT_MESSAGES,
    /** Bytes in a second of one client. */
    CLIENT_BYTES,
    /** Messages in a second of all clients. */
    MESSAGES,
    /** Bytes in a second of all clients. */
    BYTES,
    /** Connections in a second of all clients. */
    CONNECTS,
    /** Connections in a second from one address. */
    ADDRESS_CONNECTS,
    /** Take-overs of one client identifier. */
    TAKE_OVERS,
    /** An event loop that does not keep up with what others hand it. */
    EVENT_LOOP,
    /** A connected subscriber that does not keep up. */
    SLOW_SUBSCRIBER
}
