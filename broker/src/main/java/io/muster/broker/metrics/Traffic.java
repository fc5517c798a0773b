package io.muster.broker.metrics;

/**
 * What has gone in one direction since the start. Immutable.
 *
 * @param packets MQTT packets of all types
 * @param bytes their bytes
 * @param messages PUBLISH packets
 * @param payloadBytes the payload bytes of these
 */
public record Traffic(long packets, long bytes, long messages, long payloadBytes) {

    /** Nothing yet. */
    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    Traffic plus(Traffic other) {
        return new Traffic(
                packets + other.packets,
                bytes + other.bytes,
                messages + other.messages,
                payloadBytes + other.payloadBytes);
    }
}
