package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;

/**
 * What the broker takes from any client, told to those of MQTT 5.0 in CONNACK [MQTT5 3.2.2.3].
 * Immutable.
 *
 * @param receiveMaximum unacknowledged messages of QoS 1 and 2
 * @param maximumPacketSize bytes of the largest packet
 * @param topicAliasMaximum topic aliases; 0 is none
 * @param features optional parts of the protocol
 */
public record Capabilities(
        int receiveMaximum, int maximumPacketSize, int topicAliasMaximum, Features features) {

    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

    /** Only what differs from what a client assumes when it is not told. */
    void write(ByteBuf out) {
        if (topicAliasMaximum > 0) {
            FieldWriter.twoBytesProperty(
                    out, PropertyIdentifier.TOPIC_ALIAS_MAXIMUM, topicAliasMaximum);
        }
        FieldWriter.fourBytesProperty(
                out, PropertyIdentifier.MAXIMUM_PACKET_SIZE, maximumPacketSize);
        if (receiveMaximum < RECEIVE_MAXIMUM_DEFAULT) {
            FieldWriter.twoBytesProperty(out, PropertyIdentifier.RECEIVE_MAXIMUM, receiveMaximum);
        }
        if (features.maximumQos() != Features.ALL.maximumQos()) {
            FieldWriter.oneByteProperty(
                    out, PropertyIdentifier.MAXIMUM_QOS, features.maximumQos().value());
        }
        writeAbsence(out, PropertyIdentifier.RETAIN_AVAILABLE, features.retain());
        writeAbsence(
                out,
                PropertyIdentifier.WILDCARD_SUBSCRIPTION_AVAILABLE,
                features.wildcardSubscriptions());
        writeAbsence(
                out,
                PropertyIdentifier.SHARED_SUBSCRIPTION_AVAILABLE,
                features.sharedSubscriptions());
    }

    private static void writeAbsence(ByteBuf out, int property, boolean isAvailable) {
        if (!isAvailable) {
            FieldWriter.oneByteProperty(out, property, 0);
        }
    }
}
