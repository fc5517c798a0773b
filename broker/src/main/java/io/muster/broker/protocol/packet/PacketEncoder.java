package io.muster.broker.protocol.packet;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.UserProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttProperties;

/**
 * Appends the packets of a server to a buffer, as one version of MQTT has them.
 *
 * <p>Packets are appended and not built as objects, since a turn may bring thousands for one
 * connection, and all of them leave in one write.
 */
public final class PacketEncoder {

    private static final int CONNACK = 0x20;
    private static final int PUBLISH = 0x30;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;
    private static final int PINGRESP = 0xD0;
    private static final int DISCONNECT = 0xE0;

    /** A server's acknowledgements of PUBLISH packets, by the first byte of each. */
    public enum Acknowledgement {
        PUBACK(0x40),
        PUBREC(0x50),
        PUBREL(0x62),
        PUBCOMP(0x70);

        private final int firstByte;

        Acknowledgement(int firstByte) {
            this.firstByte = firstByte;
        }
    }

    private final boolean version5;

    /** Encodes for clients of MQTT 5.0, or of the versions before. */
    public PacketEncoder(boolean version5) {
        this.version5 = version5;
    }

    /** A CONNACK that accepts; {@code properties} only in MQTT 5.0. */
    public void connack(ByteBuf out, boolean sessionPresent, ConnackProperties properties) {
        ByteBuf encoded = out.alloc().heapBuffer();
        try {
            properties.write(encoded);
            connack(out, sessionPresent, ReasonCode.SUCCESS, encoded);
        } finally {
            encoded.release();
        }
    }

    /** A CONNACK that refuses. */
    public void connack(ByteBuf out, ReasonCode reason) {
        connack(out, false, reason, Unpooled.EMPTY_BUFFER);
    }

    private void connack(
            ByteBuf out, boolean sessionPresent, ReasonCode reason, ByteBuf properties) {
        int length = version5 ? properties.readableBytes() : 0;
        out.writeByte(CONNACK);
        variableByteInteger(out, 2 + (version5 ? variableByteIntegerLength(length) + length : 0));
        out.writeByte(sessionPresent ? 1 : 0);
        out.writeByte(version5 ? reason.value() : reason.connectReturnCode());
        if (version5) {
            variableByteInteger(out, length);
            out.writeBytes(properties);
        }
    }

    /** A PUBLISH of QoS 0. */
    public void publish(ByteBuf out, Message message, boolean retain, long nowMillis) {
        publish(out, message, PUBLISH | (retain ? 1 : 0), 0, nowMillis);
    }

    /** A PUBLISH of QoS 1 or 2. */
    public void publish(
            ByteBuf out, Delivery delivery, int packetId, boolean duplicate, long nowMillis) {
        int flags = (duplicate ? 8 : 0) | delivery.qos().value() << 1 | (delivery.retain() ? 1 : 0);
        publish(out, delivery.message(), PUBLISH | flags, packetId, nowMillis);
    }

    private void publish(
            ByteBuf out, Message message, int firstByte, int packetId, long nowMillis) {
        int topicLength = ByteBufUtil.utf8Bytes(message.topic());
        int propertiesLength = version5 ? publishPropertiesLength(message) : 0;
        byte[] payload = message.payload().bytes();
        int remaining = remainingLength(message, topicLength, propertiesLength, packetId != 0);
        out.ensureWritable(5 + remaining);
        out.writeByte(firstByte);
        variableByteInteger(out, remaining);
        out.writeShort(topicLength);
        ByteBufUtil.writeUtf8(out, message.topic());
        if (packetId != 0) {
            out.writeShort(packetId);
        }
        if (version5) {
            variableByteInteger(out, propertiesLength);
            publishProperties(out, message, nowMillis);
        }
        out.writeBytes(payload);
    }

    /** Bytes that a PUBLISH of {@code message} takes. */
    public int publishLength(Message message, Qos qos) {
        int remaining =
                remainingLength(
                        message,
                        ByteBufUtil.utf8Bytes(message.topic()),
                        version5 ? publishPropertiesLength(message) : 0,
                        qos != Qos.AT_MOST_ONCE);
        return 1 + variableByteIntegerLength(remaining) + remaining;
    }

    private int remainingLength(
            Message message, int topicLength, int propertiesLength, boolean withPacketId) {
        return 2
                + topicLength
                + (withPacketId ? 2 : 0)
                + (version5 ? variableByteIntegerLength(propertiesLength) + propertiesLength : 0)
                + message.payload().size();
    }

    private static int publishPropertiesLength(Message message) {
        PublishProperties properties = message.properties();
        int length = message.expiresAtMillis() == Message.NEVER ? 0 : 5;
        if (properties.isEmpty()) {
            return length;
        }
        length += properties.payloadFormatIndicator() < 0 ? 0 : 2;
        length +=
                properties.contentType() == null
                        ? 0
                        : 3 + ByteBufUtil.utf8Bytes(properties.contentType());
        length +=
                properties.responseTopic() == null
                        ? 0
                        : 3 + ByteBufUtil.utf8Bytes(properties.responseTopic());
        length +=
                properties.correlationData() == null ? 0 : 3 + properties.correlationData().size();
        for (UserProperty property : properties.userProperties()) {
            length +=
                    5
                            + ByteBufUtil.utf8Bytes(property.name())
                            + ByteBufUtil.utf8Bytes(property.value());
        }
        return length;
    }

    private static void publishProperties(ByteBuf out, Message message, long nowMillis) {
        if (message.expiresAtMillis() != Message.NEVER) {
            // What is left of the interval [MQTT-3.3.2-6], rounded up so that a live message never
            // says 0.
            out.writeByte(MqttProperties.PUBLICATION_EXPIRY_INTERVAL);
            out.writeInt((int) Math.max(1, (message.expiresAtMillis() - nowMillis + 999) / 1000));
        }
        PublishProperties properties = message.properties();
        if (properties.isEmpty()) {
            return;
        }
        if (properties.payloadFormatIndicator() >= 0) {
            out.writeByte(MqttProperties.PAYLOAD_FORMAT_INDICATOR);
            out.writeByte(properties.payloadFormatIndicator());
        }
        if (properties.contentType() != null) {
            textProperty(out, MqttProperties.CONTENT_TYPE, properties.contentType());
        }
        if (properties.responseTopic() != null) {
            textProperty(out, MqttProperties.RESPONSE_TOPIC, properties.responseTopic());
        }
        if (properties.correlationData() != null) {
            out.writeByte(MqttProperties.CORRELATION_DATA);
            out.writeShort(properties.correlationData().size());
            out.writeBytes(properties.correlationData().bytes());
        }
        for (UserProperty property : properties.userProperties()) {
            textProperty(out, MqttProperties.USER_PROPERTY, property.name());
            text(out, property.value());
        }
    }

    /** A PUBACK, PUBREC, PUBREL or PUBCOMP; earlier versions have no reason code. */
    public void acknowledge(ByteBuf out, Acknowledgement kind, int packetId, ReasonCode reason) {
        out.writeByte(kind.firstByte);
        boolean withReason = version5 && reason != ReasonCode.SUCCESS;
        out.writeByte(withReason ? 3 : 2);
        out.writeShort(packetId);
        if (withReason) {
            out.writeByte(reason.value());
        }
    }

    /** A SUBACK with one code for each filter. */
    public void suback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, SUBACK, packetId, codes);
    }

    /** An UNSUBACK; earlier versions have no codes. */
    public void unsuback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, UNSUBACK, packetId, version5 ? codes : new int[0]);
    }

    private void acknowledgeFilters(ByteBuf out, int firstByte, int packetId, int[] codes) {
        out.writeByte(firstByte);
        variableByteInteger(out, 2 + (version5 ? 1 : 0) + codes.length);
        out.writeShort(packetId);
        if (version5) {
            out.writeByte(0);
        }
        for (int code : codes) {
            out.writeByte(code);
        }
    }

    /** A PINGRESP. */
    public void pingresp(ByteBuf out) {
        out.writeByte(PINGRESP);
        out.writeByte(0);
    }

    /** A DISCONNECT; earlier versions have none from the server. */
    public void disconnect(ByteBuf out, ReasonCode reason) {
        if (version5) {
            out.writeByte(DISCONNECT);
            out.writeByte(1);
            out.writeByte(reason.value());
        }
    }

    static void textProperty(ByteBuf out, int id, String value) {
        out.writeByte(id);
        text(out, value);
    }

    private static void text(ByteBuf out, String value) {
        out.writeShort(ByteBufUtil.utf8Bytes(value));
        ByteBufUtil.writeUtf8(out, value);
    }

    private static void variableByteInteger(ByteBuf out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    private static int variableByteIntegerLength(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
