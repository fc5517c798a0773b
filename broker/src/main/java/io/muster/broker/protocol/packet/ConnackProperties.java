package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What the broker tells an MQTT 5.0 client about itself and the session [MQTT5 3.2.2.3]. What it
 * does not say is so: QoS 2, retained messages, wildcards, subscription identifiers and shared
 * subscriptions are there.
 *
 * @param sessionExpirySeconds told if it is not what the client asked for; -1 otherwise
 * @param receiveMaximum unacknowledged messages that the broker takes
 * @param maximumPacketSize bytes of the largest packet that the broker takes
 * @param topicAliasMaximum topic aliases that the broker takes; 0 is none
 * @param assignedClientIdentifier told if the client left it to the broker
 * @param serverKeepAliveSeconds told if it is not what the client asked for; -1 otherwise
 * @param responseInformation told if the client asked for it and there is some
 * @param authentication told at the end of enhanced authentication
 */
public record ConnackProperties(
        long sessionExpirySeconds,
        int receiveMaximum,
        int maximumPacketSize,
        int topicAliasMaximum,
        @Nullable String assignedClientIdentifier,
        int serverKeepAliveSeconds,
        @Nullable String responseInformation,
        @Nullable AuthenticationData authentication) {

    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

    /** Without what a client can do without. */
    public ConnackProperties withoutResponseInformation() {
        return new ConnackProperties(
                sessionExpirySeconds,
                receiveMaximum,
                maximumPacketSize,
                topicAliasMaximum,
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
        if (receiveMaximum < RECEIVE_MAXIMUM_DEFAULT) {
            FieldWriter.twoBytesProperty(out, PropertyIdentifier.RECEIVE_MAXIMUM, receiveMaximum);
        }
        FieldWriter.fourBytesProperty(
                out, PropertyIdentifier.MAXIMUM_PACKET_SIZE, maximumPacketSize);
        if (topicAliasMaximum > 0) {
            FieldWriter.twoBytesProperty(
                    out, PropertyIdentifier.TOPIC_ALIAS_MAXIMUM, topicAliasMaximum);
        }
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
