package io.muster.broker.protocol.decode;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * An AUTH from a client [MQTT5 3.15].
 *
 * @param reauthenticate whether it begins a new exchange, rather than going on with one
 * @param method the authentication method
 * @param data its data, if sent
 */
public record AuthPacket(boolean reauthenticate, String method, Optional<byte[]> data) {

    private static final int CONTINUE = 0x18;
    private static final int REAUTHENTICATE = 0x19;

    /** Reads a packet. */
    public static AuthPacket read(FieldReader fields, ByteBuf in) {
        int reasonCode = in.isReadable() ? fields.oneByte(in, "reason code") : 0;
        if (reasonCode != CONTINUE && reasonCode != REAUTHENTICATE) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "a client's AUTH has no reason code 0x%02X [MQTT-3.15.2-1]"
                            .formatted(reasonCode));
        }
        Properties properties =
                in.isReadable()
                        ? Properties.read(fields, in, Property.Place.AUTH)
                        : Properties.NONE;
        fields.end(in, "AUTH");
        String method = properties.text(Property.AUTHENTICATION_METHOD);
        if (method == null) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "AUTH without an authentication method [MQTT5 3.15.2.2.2]");
        }
        return new AuthPacket(
                reasonCode == REAUTHENTICATE,
                method,
                Optional.ofNullable(properties.binary(Property.AUTHENTICATION_DATA)));
    }
}
