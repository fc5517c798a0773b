package io.muster.broker.protocol.decode;

import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;

/**
 * A PUBLISH from a client [MQTT5 3.3].
 *
 * @param qos quality of service
 * @param duplicate whether it says that it may have been sent before
 * @param retain whether the message is to be retained
 * @param topic not checked to be a topic name; empty if only an alias was sent
 * @param packetId 0 for QoS 0
 * @param properties none before MQTT 5.0
 * @param payload copied out of the packet
 */
public record PublishPacket(
        Qos qos,
        boolean duplicate,
        boolean retain,
        String topic,
        int packetId,
        Properties properties,
        Payload payload) {

    private static final int RETAIN = 0x01;
    private static final int DUPLICATE = 0x08;
    private static final int QOS_MAX = 2;
    private static final int LEVEL_3_1 = 3;
    private static final int LEVEL_5 = 5;

    /**
     * Reads a packet.
     *
     * @param topics remembers the texts of topics that came before on this connection
     * @param protocolLevel 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0)
     */
    public static PublishPacket read(
            FieldReader fields, TopicTexts topics, int protocolLevel, int firstByte, ByteBuf in) {
        int qos = (firstByte >> 1) & 3;
        boolean duplicate = (firstByte & DUPLICATE) != 0;
        checkFlags(qos, duplicate, protocolLevel);
        String topic = topics.read(fields, in);
        int packetId = qos == 0 ? 0 : fields.packetId(in, ReasonCode.PROTOCOL_ERROR);
        Properties properties =
                protocolLevel >= LEVEL_5
                        ? Properties.read(fields, in, Property.Place.PUBLISH)
                        : Properties.NONE;
        byte[] payload = new byte[in.readableBytes()];
        in.readBytes(payload);
        return new PublishPacket(
                Qos.of(qos),
                duplicate,
                (firstByte & RETAIN) != 0,
                topic,
                packetId,
                properties,
                Payload.of(payload));
    }

    private static void checkFlags(int qos, boolean duplicate, int protocolLevel) {
        if (qos > QOS_MAX) {
            throw FieldReader.malformed("QoS must not be 3 [MQTT-3.3.1-4]");
        }
        if (qos == 0 && duplicate && protocolLevel > LEVEL_3_1) {
            throw FieldReader.malformed("DUP is set with QoS 0 [MQTT-3.3.1-2]");
        }
    }

    /** The same packet with another payload. */
    public PublishPacket withPayload(Payload other) {
        return new PublishPacket(qos, duplicate, retain, topic, packetId, properties, other);
    }

    /** What travels with the message unaltered. */
    public PublishProperties forwarded() {
        return properties.forwarded();
    }
}
