package io.muster.broker.message;

/**
 * A name and a value that a publisher attached [MQTT5 3.3.2.3.7]; names may repeat, order is kept.
 */
public record UserProperty(String name, String value) {}
