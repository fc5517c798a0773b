package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * The server's side of enhanced authentication in one packet [MQTT5 4.12].
 *
 * @param method the client's authentication method [MQTT-4.12.0-5]
 * @param data empty if there is none to send
 */
public record EnhancedAuthentication(String method, Optional<byte[]> data) {

    private static final int BYTES_MAX = 65_535;

    /** Whether the data is not longer than a field can be [MQTT5 1.5.6]. */
    boolean isWritable() {
        return data.isEmpty() || data.get().length <= BYTES_MAX;
    }

    void write(ByteBuf out) {
        FieldWriter.textProperty(out, PropertyIdentifier.AUTHENTICATION_METHOD, method);
        data.ifPresent(
                bytes ->
                        FieldWriter.binaryProperty(
                                out, PropertyIdentifier.AUTHENTICATION_DATA, bytes));
    }
}
