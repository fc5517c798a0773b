package io.muster.broker.protocol.decode;

import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * A SUBSCRIBE [MQTT5 3.8].
 *
 * @param packetId comes back in SUBACK
 * @param subscriptionIdentifier 0 if none was sent
 * @param requests at least one
 */
public record SubscribePacket(
        int packetId, int subscriptionIdentifier, List<SubscriptionRequest> requests) {

    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;
    private static final int RESERVED = 0xC0;
    private static final int QOS = 0x03;
    private static final RetainHandling[] RETAIN_HANDLINGS = RetainHandling.values();

    /** When retained messages are sent at a subscription [MQTT5 3.8.3.1]. */
    public enum RetainHandling {
        /** Each time. */
        ALWAYS,
        /** If there was no such subscription. */
        IF_NEW,
        /** Never. */
        NEVER
    }

    /**
     * One filter with its options.
     *
     * @param filter not checked to be a topic filter
     */
    public record SubscriptionRequest(
            String filter,
            Qos qos,
            boolean noLocal,
            boolean retainAsPublished,
            RetainHandling retainHandling) {}

    /** Copies the list. */
    public SubscribePacket {
        requests = List.copyOf(requests);
    }

    /** Reads a packet. */
    public static SubscribePacket read(FieldReader fields, boolean isVersion5, ByteBuf in) {
        int packetId = fields.packetId(in, ReasonCode.MALFORMED_PACKET);
        Properties properties =
                isVersion5
                        ? Properties.read(fields, in, Property.Place.SUBSCRIBE)
                        : Properties.NONE;
        List<SubscriptionRequest> requests = new ArrayList<>(1);
        while (in.isReadable()) {
            requests.add(
                    request(
                            fields.text(in, "topic filter"),
                            fields.oneByte(in, "subscription options"),
                            isVersion5));
        }
        if (requests.isEmpty()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, "SUBSCRIBE without a topic filter [MQTT-3.8.3-2]");
        }
        return new SubscribePacket(
                packetId, (int) properties.number(Property.SUBSCRIPTION_IDENTIFIER, 0), requests);
    }

    private static SubscriptionRequest request(String filter, int options, boolean isVersion5) {
        if (!isVersion5 && (options & ~QOS) != 0) {
            throw FieldReader.malformed(
                    "reserved bits of the requested QoS are set [MQTT3 MQTT-3.8.3-4]");
        }
        if ((options & RESERVED) != 0) {
            throw FieldReader.malformed(
                    "reserved bits of the subscription options are set [MQTT-3.8.3-5]");
        }
        int qos = options & QOS;
        int retainHandling = (options >> 4) & 3;
        if (qos > Qos.EXACTLY_ONCE.value() || retainHandling >= RETAIN_HANDLINGS.length) {
            throw new ProtocolViolation(
                    isVersion5 ? ReasonCode.PROTOCOL_ERROR : ReasonCode.MALFORMED_PACKET,
                    "QoS and retain handling of a subscription must not be 3 [MQTT5 3.8.3.1]");
        }
        return new SubscriptionRequest(
                filter,
                Qos.of(qos),
                (options & NO_LOCAL) != 0,
                (options & RETAIN_AS_PUBLISHED) != 0,
                RETAIN_HANDLINGS[retainHandling]);
    }
}
