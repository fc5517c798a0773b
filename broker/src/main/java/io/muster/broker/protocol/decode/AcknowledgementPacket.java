package io.muster.broker.protocol.decode;

import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.Set;

/**
 * A PUBACK, PUBREC, PUBREL or PUBCOMP [MQTT5 3.4 to 3.7].
 *
 * @param packetId which message it is about
 * @param reasonCode 0 before MQTT 5.0
 */
public record AcknowledgementPacket(int packetId, int reasonCode) {

    private static final int FAILURE = 0x80;

    /** For PUBACK and PUBREC [MQTT-3.4.2-1, MQTT-3.5.2-1]. */
    private static final Set<Integer> OF_RECEIPT =
            Set.of(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);

    /** For PUBREL and PUBCOMP [MQTT-3.6.2-1, MQTT-3.7.2-1]. */
    private static final Set<Integer> OF_RELEASE = Set.of(0x00, 0x92);

    /** Reads a packet of one of these types. */
    public static AcknowledgementPacket read(
            FieldReader fields, boolean isVersion5, PacketType type, ByteBuf in) {
        int packetId = fields.packetId(in, ReasonCode.PROTOCOL_ERROR);
        int reasonCode = 0;
        if (isVersion5 && in.isReadable()) {
            reasonCode = fields.oneByte(in, "reason code");
            checkReason(type, reasonCode);
            if (in.isReadable()) {
                Properties.read(fields, in, Property.Place.ACKNOWLEDGEMENT);
            }
        }
        fields.end(in, type);
        return new AcknowledgementPacket(packetId, reasonCode);
    }

    private static void checkReason(PacketType type, int reasonCode) {
        boolean isReceipt = type == PacketType.PUBACK || type == PacketType.PUBREC;
        if (!(isReceipt ? OF_RECEIPT : OF_RELEASE).contains(reasonCode)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "%s has no reason code 0x%02X [MQTT-3.4.2-1 to MQTT-3.7.2-1]"
                            .formatted(type, reasonCode));
        }
    }

    /** Whether the client does not take the message [MQTT-4.3.3-4]. */
    public boolean isRefusal() {
        return reasonCode >= FAILURE;
    }
}
