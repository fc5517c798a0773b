package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * What the broker tells an MQTT 5.0 client about itself and the session [MQTT5 3.2.2.3]. What the
 * broker does not offer yet is said here, so that a client can know.
 *
 * @param sessionExpirySeconds told if it is not what the client asked for; -1 otherwise
 * @param receiveMaximum unacknowledged messages that the broker takes
 * @param maximumPacketSize bytes of the largest packet that the broker takes
 * @param assignedClientIdentifier told if the client left it to the broker
 * @param serverKeepAliveSeconds told if it is not what the client asked for; -1 otherwise
 */
public record ConnackProperties(
        long sessionExpirySeconds,
        int receiveMaximum,
        int maximumPacketSize,
        @Nullable String assignedClientIdentifier,
        int serverKeepAliveSeconds) {

    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

    void write(ByteBuf out) {
        if (sessionExpirySeconds >= 0) {
            out.writeByte(MqttProperties.SESSION_EXPIRY_INTERVAL);
            out.writeInt((int) sessionExpirySeconds);
        }
        if (receiveMaximum < RECEIVE_MAXIMUM_DEFAULT) {
            out.writeByte(MqttProperties.RECEIVE_MAXIMUM);
            out.writeShort(receiveMaximum);
        }
        out.writeByte(MqttProperties.MAXIMUM_PACKET_SIZE);
        out.writeInt(maximumPacketSize);
        if (assignedClientIdentifier != null) {
            PacketEncoder.textProperty(
                    out, MqttProperties.ASSIGNED_CLIENT_IDENTIFIER, assignedClientIdentifier);
        }
        if (serverKeepAliveSeconds >= 0) {
            out.writeByte(MqttProperties.SERVER_KEEP_ALIVE);
            out.writeShort(serverKeepAliveSeconds);
        }
        out.writeByte(MqttProperties.SUBSCRIPTION_IDENTIFIER_AVAILABLE);
        out.writeByte(0);
        out.writeByte(MqttProperties.SHARED_SUBSCRIPTION_AVAILABLE);
        out.writeByte(0);
    }
}
