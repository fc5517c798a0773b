package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.Properties;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;

/** The client's DISCONNECT. Shared; called on the client's loop. */
final class DisconnectFlow {

    private final ProtocolLimits limits;

    DisconnectFlow(ProtocolLimits limits) {
        this.limits = limits;
    }

    void disconnect(Client client, MqttMessage packet) {
        boolean isNormal = true;
        if (packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            changeExpiry(client.link(), header.properties());
            isNormal =
                    header.reasonCode() == MqttReasonCodeAndPropertiesVariableHeader.REASON_CODE_OK;
        }
        client.end(
                isNormal
                        ? ConnectionEnd.CLIENT_DISCONNECTED
                        : ConnectionEnd.CLIENT_DISCONNECTED_WITH_WILL);
    }

    private void changeExpiry(Link link, MqttProperties properties) {
        long seconds = Properties.unsigned(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, -1);
        if (seconds < 0) {
            return;
        }
        if (seconds > 0 && link.expirySeconds() == 0) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "session expiry set at DISCONNECT but not at CONNECT [MQTT5 3.14.2.2.2]");
        }
        link.expirySeconds(Math.min(seconds, limits.sessionExpirySecondsMax()));
    }
}
