package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.PacketEncoder.Acknowledgement;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.Session;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;

/**
 * The client's PUBACK, PUBREC, PUBREL and PUBCOMP [MQTT5 4.3]. Shared; called on the client's loop.
 */
final class AcknowledgeFlow {

    private static final int FAILURE = 0x80;

    void puback(Client client, MqttMessage packet) {
        client.session().acknowledged(packetId(packet));
    }

    void pubrec(Client client, MqttMessage packet) {
        int packetId = packetId(packet);
        Session session = client.session();
        if (isRefusal(packet)) {
            session.acknowledged(packetId);
        } else if (session.received(packetId) || !client.version5()) {
            client.output().pubrel(packetId);
        } else {
            client.output()
                    .acknowledge(
                            Acknowledgement.PUBREL,
                            packetId,
                            ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        }
    }

    void pubrel(Client client, MqttMessage packet) {
        int packetId = packetId(packet);
        boolean found = client.session().release(packetId);
        client.output()
                .acknowledge(
                        Acknowledgement.PUBCOMP,
                        packetId,
                        found ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    }

    void pubcomp(Client client, MqttMessage packet) {
        client.session().completed(packetId(packet));
    }

    private static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    /** A PUBREC with a failure ends the delivery [MQTT-4.3.3-4]. */
    private static boolean isRefusal(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader header
                && (header.reasonCode() & 0xFF) >= FAILURE;
    }
}
