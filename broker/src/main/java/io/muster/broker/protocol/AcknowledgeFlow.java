package io.muster.broker.protocol;

import io.muster.broker.protocol.decode.AcknowledgementPacket;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.Session;

/**
 * The client's PUBACK, PUBREC, PUBREL and PUBCOMP [MQTT5 4.3]. Shared; called on the client's loop.
 */
final class AcknowledgeFlow {

    void puback(Client client, AcknowledgementPacket packet) {
        boolean suits = client.session().acknowledged(packet.packetId());
        checkState(client, packet, suits);
    }

    /**
     * An acknowledgement of nothing may have come late. One of a message that awaits another kind
     * would leave that message and its packet identifier in use for ever.
     */
    private static void checkState(Client client, AcknowledgementPacket packet, boolean suits) {
        if (!suits && client.session().isUnderWay(packet.packetId())) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "packet identifier %d awaits another acknowledgement [MQTT-4.13.1-1]"
                            .formatted(packet.packetId()));
        }
    }

    /** A PUBREC with a failure ends the delivery [MQTT-4.3.3-4]. */
    void pubrec(Client client, AcknowledgementPacket packet) {
        Session session = client.session();
        if (packet.isRefusal()) {
            checkState(client, packet, session.refused(packet.packetId()));
            return;
        }
        boolean found = session.received(packet.packetId());
        checkState(client, packet, found);
        answer(client, PacketType.PUBREL, packet, found);
    }

    void pubrel(Client client, AcknowledgementPacket packet) {
        boolean found = client.session().release(packet.packetId());
        answer(client, PacketType.PUBCOMP, packet, found);
    }

    void pubcomp(Client client, AcknowledgementPacket packet) {
        boolean suits = client.session().completed(packet.packetId());
        checkState(client, packet, suits);
    }

    private static void answer(
            Client client, PacketType type, AcknowledgementPacket packet, boolean found) {
        client.output()
                .acknowledge(
                        type,
                        packet.packetId(),
                        found ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    }
}
