package io.muster.broker.protocol.packet;

import static io.muster.broker.protocol.packet.FieldWriter.variableByteIntegerLength;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.message.UserProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Appends PUBLISH packets for one client to a buffer [MQTT5 3.3]. Confined to the connection's
 * loop, since it remembers the topic aliases that it gave.
 */
public final class PublishEncoder {

    private static final int PUBLISH = 0x30;
    private static final int ALIAS_PROPERTY_BYTES = 3;

    /** The property, and one byte more for each of the two lengths that it may lengthen. */
    private static final int ALIAS_BYTES_MAX = ALIAS_PROPERTY_BYTES + 2;

    private final boolean version5;
    private final int packetBytesMax;
    private final TopicAliases aliases;

    /**
     * Encodes for one client.
     *
     * @param version5 whether it speaks MQTT 5.0, or a version before
     * @param packetBytesMax its Maximum Packet Size
     * @param topicAliasMaximum how many topic aliases it takes; 0 is none
     */
    public PublishEncoder(boolean version5, int packetBytesMax, int topicAliasMaximum) {
        this.version5 = version5;
        this.packetBytesMax = packetBytesMax;
        this.aliases = new TopicAliases(topicAliasMaximum);
    }

    /** A PUBLISH of QoS 0. */
    public void publish(
            ByteBuf out,
            Message message,
            boolean retain,
            SubscriptionIdentifiers identifiers,
            long nowMillis) {
        publish(out, message, PUBLISH | (retain ? 1 : 0), 0, identifiers, nowMillis);
    }

    /** A PUBLISH of QoS 1 or 2. */
    public void publish(
            ByteBuf out, Delivery delivery, int packetId, boolean duplicate, long nowMillis) {
        int flags =
                (duplicate ? 8 : 0) | (delivery.qos().value() << 1) | (delivery.retain() ? 1 : 0);
        publish(
                out,
                delivery.message(),
                PUBLISH | flags,
                packetId,
                delivery.subscriptionIdentifiers(),
                nowMillis);
    }

    private void publish(
            ByteBuf out,
            Message message,
            int firstByte,
            int packetId,
            SubscriptionIdentifiers identifiers,
            long nowMillis) {
        int propertiesLength = version5 ? propertiesLength(message, identifiers) : 0;
        int topicLength = ByteBufUtil.utf8Bytes(message.topic());
        int remaining = remainingLength(message, topicLength, propertiesLength, packetId != 0);
        int alias = 0;
        if (version5 && FieldWriter.packetLength(remaining) <= packetBytesMax - ALIAS_BYTES_MAX) {
            alias = aliases.aliasOf(message.topic());
        }
        if (alias != 0) {
            propertiesLength += ALIAS_PROPERTY_BYTES;
            topicLength = alias < 0 ? 0 : topicLength;
            remaining = remainingLength(message, topicLength, propertiesLength, packetId != 0);
        }
        out.ensureWritable(5 + remaining);
        out.writeByte(firstByte);
        FieldWriter.variableByteInteger(out, remaining);
        out.writeShort(topicLength);
        if (topicLength > 0) {
            ByteBufUtil.writeUtf8(out, message.topic());
        }
        if (packetId != 0) {
            out.writeShort(packetId);
        }
        if (version5) {
            FieldWriter.variableByteInteger(out, propertiesLength);
            properties(out, message, identifiers, Math.abs(alias), nowMillis);
        }
        out.writeBytes(message.payload().bytes());
    }

    /**
     * Whether a PUBLISH of {@code message} is within the client's Maximum Packet Size
     * [MQTT-3.1.2-24].
     */
    public boolean fits(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        return packetBytesMax == Integer.MAX_VALUE
                || publishLength(message, qos, identifiers) <= packetBytesMax;
    }

    private int publishLength(Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        return FieldWriter.packetLength(
                remainingLength(
                        message,
                        ByteBufUtil.utf8Bytes(message.topic()),
                        version5 ? propertiesLength(message, identifiers) : 0,
                        qos != Qos.AT_MOST_ONCE));
    }

    private int remainingLength(
            Message message, int topicLength, int propertiesLength, boolean withPacketId) {
        return 2
                + topicLength
                + (withPacketId ? 2 : 0)
                + (version5 ? variableByteIntegerLength(propertiesLength) + propertiesLength : 0)
                + message.payload().size();
    }

    private static int propertiesLength(Message message, SubscriptionIdentifiers identifiers) {
        PublishProperties properties = message.properties();
        int length = message.expiresAtMillis() == Message.NEVER ? 0 : 5;
        for (int i = 0; i < identifiers.size(); i++) {
            length += 1 + variableByteIntegerLength(identifiers.get(i));
        }
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

    private static void properties(
            ByteBuf out,
            Message message,
            SubscriptionIdentifiers identifiers,
            int alias,
            long nowMillis) {
        if (message.expiresAtMillis() != Message.NEVER) {
            // What is left of the interval [MQTT-3.3.2-6], rounded up so that a live message never
            // says 0. One that is sent again may have expired meanwhile.
            FieldWriter.fourBytesProperty(
                    out,
                    PropertyIdentifier.MESSAGE_EXPIRY_INTERVAL,
                    Math.max(0, (message.expiresAtMillis() - nowMillis + 999) / 1000));
        }
        if (alias != 0) {
            FieldWriter.twoBytesProperty(out, PropertyIdentifier.TOPIC_ALIAS, alias);
        }
        for (int i = 0; i < identifiers.size(); i++) {
            out.writeByte(PropertyIdentifier.SUBSCRIPTION_IDENTIFIER);
            FieldWriter.variableByteInteger(out, identifiers.get(i));
        }
        if (!message.properties().isEmpty()) {
            forwarded(out, message.properties());
        }
    }

    private static void forwarded(ByteBuf out, PublishProperties properties) {
        if (properties.payloadFormatIndicator() >= 0) {
            FieldWriter.oneByteProperty(
                    out,
                    PropertyIdentifier.PAYLOAD_FORMAT_INDICATOR,
                    properties.payloadFormatIndicator());
        }
        if (properties.contentType() != null) {
            FieldWriter.textProperty(
                    out, PropertyIdentifier.CONTENT_TYPE, properties.contentType());
        }
        if (properties.responseTopic() != null) {
            FieldWriter.textProperty(
                    out, PropertyIdentifier.RESPONSE_TOPIC, properties.responseTopic());
        }
        if (properties.correlationData() != null) {
            FieldWriter.binaryProperty(
                    out, PropertyIdentifier.CORRELATION_DATA, properties.correlationData().bytes());
        }
        for (UserProperty property : properties.userProperties()) {
            FieldWriter.textProperty(out, PropertyIdentifier.USER_PROPERTY, property.name());
            FieldWriter.text(out, property.value());
        }
    }
}
