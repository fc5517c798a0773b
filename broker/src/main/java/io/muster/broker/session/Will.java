package io.muster.broker.session;

import io.muster.broker.message.Message;

/**
 * What the broker publishes for a client whose connection ends without its consent [MQTT5 3.1.2.5].
 *
 * @param message the message, as if published by the client; it does not expire before it is
 * @param delaySeconds how long to wait for the client to come back [MQTT5 3.1.3.2.2]; unsigned 32
 *     bits
 * @param expirySeconds lifetime of the message from its publication on [MQTT5 3.1.3.2.4]; -1 is
 *     without end
 */
public record Will(Message message, long delaySeconds, long expirySeconds) {

    /** The message, published at {@code nowMillis}. */
    Message message(long nowMillis) {
        if (expirySeconds < 0) {
            return message;
        }
        return new Message(
                message.topic(),
                message.payload(),
                message.qos(),
                message.retain(),
                message.publisher(),
                nowMillis + expirySeconds * 1_000,
                message.properties());
    }
}
