package io.muster.broker.protocol;

import io.muster.broker.protocol.decode.DisconnectPacket;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;

/** The client's DISCONNECT. Shared; called on the client's loop. */
final class DisconnectFlow {

    private final ProtocolLimits limits;

    DisconnectFlow(ProtocolLimits limits) {
        this.limits = limits;
    }

    void disconnect(Client client, DisconnectPacket packet) {
        packet.sessionExpirySeconds().ifPresent(seconds -> changeExpiry(client.link(), seconds));
        client.end(
                packet.isNormal()
                        ? ConnectionEnd.CLIENT_DISCONNECTED
                        : ConnectionEnd.CLIENT_DISCONNECTED_WITH_WILL);
    }

    /** Where sessions never outlive connections, what the client asked for at CONNECT is 0 too. */
    private void changeExpiry(Link link, long seconds) {
        if (seconds > 0 && link.expirySeconds() == 0 && limits.sessionExpirySecondsMax() > 0) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "session expiry set at DISCONNECT but not at CONNECT [MQTT5 3.14.2.2.2]");
        }
        link.expirySeconds(Math.min(seconds, limits.sessionExpirySecondsMax()));
    }
}
