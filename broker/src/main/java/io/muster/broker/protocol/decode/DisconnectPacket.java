package io.muster.broker.protocol.decode;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A DISCONNECT from a client [MQTT5 3.14].
 *
 * @param reasonCode 0 before MQTT 5.0
 * @param sessionExpirySeconds the new session expiry interval, if one was sent
 */
public record DisconnectPacket(int reasonCode, OptionalLong sessionExpirySeconds) {

    /** What a client may say [MQTT5 3.14.2.1]. */
    private static final Set<Integer> REASONS =
            Set.of(
                    0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
                    0x99);

    /** Reads a packet. */
    public static DisconnectPacket read(FieldReader fields, boolean isVersion5, ByteBuf in) {
        int reasonCode = 0;
        Properties properties = Properties.NONE;
        if (isVersion5 && in.isReadable()) {
            reasonCode = fields.oneByte(in, "reason code");
            checkReason(reasonCode);
            if (in.isReadable()) {
                properties = Properties.read(fields, in, Property.Place.DISCONNECT);
            }
        }
        fields.end(in, "DISCONNECT");
        long expiry = properties.number(Property.SESSION_EXPIRY_INTERVAL, -1);
        return new DisconnectPacket(
                reasonCode, expiry < 0 ? OptionalLong.empty() : OptionalLong.of(expiry));
    }

    private static void checkReason(int reasonCode) {
        if (!REASONS.contains(reasonCode)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "a client's DISCONNECT has no reason code 0x%02X [MQTT-3.14.2-1]"
                            .formatted(reasonCode));
        }
    }

    /** Whether all is well and the will is to be forgotten [MQTT-3.14.4-3]. */
    public boolean isNormal() {
        return reasonCode == 0;
    }
}
