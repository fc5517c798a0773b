package io.muster.broker.message;

/**
 * An application message on its way through the broker. Immutable; one object however many sessions
 * it is delivered to.
 *
 * @param topic a valid topic name
 * @param payload the payload, copied once at the door
 * @param qos the quality of service it was published with
 * @param retain whether it was published to be retained
 * @param publisher the client identifier of the session that published it; empty if the broker or
 *     the hub did
 * @param expiresAtMillis when it expires, in milliseconds since 1970 [MQTT5 3.3.2.3.3]; {@link
 *     Long#MAX_VALUE} is never
 * @param properties what else travels with it
 */
public record Message(
        String topic,
        Payload payload,
        Qos qos,
        boolean retain,
        String publisher,
        long expiresAtMillis,
        PublishProperties properties) {

    /** The {@link #expiresAtMillis} of a message that never expires. */
    public static final long NEVER = Long.MAX_VALUE;

    /** A message of the broker's own. */
    public static Message of(String topic, Payload payload, Qos qos, boolean retain) {
        return new Message(topic, payload, qos, retain, "", NEVER, PublishProperties.NONE);
    }

    /** The same message with another payload. */
    public Message withPayload(Payload other) {
        return new Message(topic, other, qos, retain, publisher, expiresAtMillis, properties);
    }

    /**
     * The bytes of heap that its topic, payload and properties take, estimated. What limits of
     * bytes count.
     */
    public long bytes() {
        return (long) topic.length() + payload.size() + properties.bytes();
    }

    /** Whether it has expired at {@code nowMillis}. */
    public boolean isExpired(long nowMillis) {
        return expiresAtMillis != NEVER && expiresAtMillis <= nowMillis;
    }
}
