package io.muster.broker.metrics;

/**
 * Why a message, or its delivery to one session, was dropped. The lower-case name is the metric's
 * tag.
 */
public enum DropReason {
    /** The session's queue was full when it came. */
    QUEUE_FULL,
    /** It had waited longest in a session's queue that was full when another came. */
    QUEUE_FULL_OLDEST,
    /** A session's queue was full, and its publisher was told so. */
    REFUSED,
    /** QoS 0, and the session is not connected. */
    OFFLINE,
    /** Larger than the client's Maximum Packet Size. */
    TOO_LARGE,
    /** Expired before it could be sent. */
    EXPIRED,
    /** The payload is not the UTF-8 text that it was said to be. */
    PAYLOAD_FORMAT,
    /** The payload cannot be decompressed as its publisher compresses, or is too large then. */
    COMPRESSION,
    /** The publisher may not use the topic. */
    NOT_AUTHORIZED,
    /** The topic has more levels than allowed. */
    TOPIC_TOO_DEEP,
    /** It waited for the last member of a shared subscription, who has left that. */
    NO_MEMBER,
    /** No room for another retained message; it was routed but not kept. */
    RETAINED_FULL
}
