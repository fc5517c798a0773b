package io.muster.broker.session;

import io.muster.broker.message.Message;

/**
 * What the broker publishes for a client whose connection ends without its consent [MQTT5 3.1.2.5].
 *
 * @param message the message, as if published by the client
 * @param delaySeconds how long to wait for the client to come back [MQTT5 3.1.3.2.2]; unsigned 32
 *     bits
 */
public record Will(Message message, long delaySeconds) {}
