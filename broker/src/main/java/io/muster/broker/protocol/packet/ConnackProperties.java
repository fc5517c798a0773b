package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What the broker tells an MQTT 5.0 client about itself and the session [MQTT5 3.2.2.3].
 *
 * @param sessionExpirySeconds told if it is not what the client asked for; -1 otherwise
 * @param capabilities what the broker takes from any client
 * @param assignedClientIdentifier told if the client left it to the broker
 * @param serverKeepAliveSeconds told if it is not what the client asked for; -1 otherwise
 * @param responseInformation told if the client asked for it and there is some
 * @param authentication told at the end of enhanced authentication
 */
public record ConnackProperties(
        long sessionExpirySeconds,
        Capabilities capabilities,
        @Nullable String assignedClientIdentifier,
        int serverKeepAliveSeconds,
        @Nullable String responseInformation,
        @Nullable EnhancedAuthentication authentication) {

    /** Without what a client can do without. */
    public ConnackProperties withoutResponseInformation() {
        return new ConnackProperties(
                sessionExpirySeconds,
                capabilities,
                assignedClientIdentifier,
                serverKeepAliveSeconds,
                null,
                authentication);
    }

    void write(ByteBuf out) {
        if (sessionExpirySeconds >= 0) {
            FieldWriter.fourBytesProperty(
                    out, PropertyIdentifier.SESSION_EXPIRY_INTERVAL, sessionExpirySeconds);
        }
        capabilities.write(out);
        if (assignedClientIdentifier != null) {
            FieldWriter.textProperty(
                    out, PropertyIdentifier.ASSIGNED_CLIENT_IDENTIFIER, assignedClientIdentifier);
        }
        if (serverKeepAliveSeconds >= 0) {
            FieldWriter.twoBytesProperty(
                    out, PropertyIdentifier.SERVER_KEEP_ALIVE, serverKeepAliveSeconds);
        }
        if (responseInformation != null) {
            FieldWriter.textProperty(
                    out, PropertyIdentifier.RESPONSE_INFORMATION, responseInformation);
        }
        if (authentication != null) {
            authentication.write(out);
        }
    }
}
