package io.muster.broker.message;

/**
 * A message on its way to one session.
 *
 * @param message the message, shared with all other sessions
 * @param qos what it is delivered with
 * @param retain the retain flag to send: whether it is a retained message sent to a new
 *     subscription [MQTT-3.3.1-8], or was published retained and the subscription keeps the flag
 *     [MQTT-3.3.1-13]
 */
public record Delivery(Message message, Qos qos, boolean retain) {}
