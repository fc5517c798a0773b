package io.muster.broker.protocol.decode;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * An UNSUBSCRIBE [MQTT5 3.10].
 *
 * @param packetId comes back in UNSUBACK
 * @param filters at least one; not checked to be topic filters
 */
public record UnsubscribePacket(int packetId, List<String> filters) {

    /** Copies the list. */
    public UnsubscribePacket {
        filters = List.copyOf(filters);
    }

    /** Reads a packet. */
    public static UnsubscribePacket read(FieldReader fields, boolean isVersion5, ByteBuf in) {
        int packetId = fields.packetId(in, ReasonCode.MALFORMED_PACKET);
        if (isVersion5) {
            Properties.read(fields, in, Property.Place.UNSUBSCRIBE);
        }
        List<String> filters = new ArrayList<>(1);
        while (in.isReadable()) {
            filters.add(fields.text(in, "topic filter"));
        }
        if (filters.isEmpty()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "UNSUBSCRIBE without a topic filter [MQTT-3.10.3-2]");
        }
        return new UnsubscribePacket(packetId, filters);
    }
}
