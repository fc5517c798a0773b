package io.muster.broker.protocol;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.protocol.packet.PacketEncoder.Acknowledgement;
import io.muster.broker.protocol.packet.Properties;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.Route;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.TopicName;
import io.muster.broker.session.SessionLoop;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import org.jspecify.annotations.Nullable;

/** From PUBLISH to the router, and the acknowledgement. Shared; called on the client's loop. */
final class PublishFlow {

    private final Router router;
    private final ProtocolLimits limits;

    PublishFlow(Router router, ProtocolLimits limits) {
        this.router = router;
        this.limits = limits;
    }

    /** Takes in a PUBLISH. The caller releases the packet. */
    void publish(Client client, MqttPublishMessage packet) {
        Qos qos = Qos.of(packet.fixedHeader().qosLevel().value());
        SessionLoop loop = client.channel().loop();
        loop.counters().received(qos.value(), packet.payload().readableBytes());
        checkProperties(packet);
        Route route = client.routes().route(packet.variableHeader().topicName());
        boolean allowed = isAllowed(client, route);
        if (!allowed) {
            loop.counters().dropped(DropReason.NOT_AUTHORIZED);
        }
        int packetId = packet.variableHeader().packetId();
        switch (qos) {
            case AT_MOST_ONCE -> routeIf(allowed, client, packet, route);
            case AT_LEAST_ONCE ->
                    acknowledge(
                            client,
                            Acknowledgement.PUBACK,
                            packetId,
                            routeIf(allowed, client, packet, route));
            case EXACTLY_ONCE -> publishOnce(client, packet, route, allowed);
        }
        if (loop.isPressed()) {
            loop.pause(client.channel());
        }
    }

    /** A repeated packet is acknowledged again and not routed again [MQTT-4.3.3-10]. */
    private void publishOnce(
            Client client, MqttPublishMessage packet, Route route, boolean allowed) {
        int packetId = packet.variableHeader().packetId();
        ReasonCode reason = ReasonCode.SUCCESS;
        if (!allowed) {
            reason = client.version5() ? ReasonCode.NOT_AUTHORIZED : ReasonCode.SUCCESS;
        }
        boolean refused = reason != ReasonCode.SUCCESS;
        if (!refused && client.session().receive(packetId)) {
            checkReceiveMaximum(client);
            reason = routeIf(allowed, client, packet, route);
        }
        acknowledge(client, Acknowledgement.PUBREC, packetId, reason);
    }

    /**
     * Before MQTT 5.0 clients are not told of a maximum; those are bounded by the packet
     * identifiers that there are.
     */
    private void checkReceiveMaximum(Client client) {
        if (client.version5() && client.session().receivedCount() > limits.inflightMax()) {
            throw new ProtocolViolation(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more QoS 2 messages than allowed [MQTT-3.3.4-7]");
        }
    }

    private ReasonCode routeIf(
            boolean allowed, Client client, MqttPublishMessage packet, Route route) {
        if (!allowed) {
            return ReasonCode.NOT_AUTHORIZED;
        }
        int subscribers = router.publish(messageOf(client, packet, route), route);
        return subscribers == 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    }

    /** The message, its payload copied once: from here on nobody thinks of the receive buffer. */
    private static Message messageOf(Client client, MqttPublishMessage packet, Route route) {
        MqttProperties properties = packet.variableHeader().properties();
        long expirySeconds =
                properties.isEmpty()
                        ? -1
                        : Properties.unsigned(
                                properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL, -1);
        return new Message(
                route.topic(),
                Payload.of(ByteBufUtil.getBytes(packet.payload())),
                Qos.of(packet.fixedHeader().qosLevel().value()),
                packet.fixedHeader().isRetain(),
                client.session().clientIdentifier(),
                expirySeconds < 0
                        ? Message.NEVER
                        : client.channel().loop().nowMillis() + expirySeconds * 1_000,
                properties.isEmpty() ? PublishProperties.NONE : Properties.ofPublish(properties));
    }

    private static void checkProperties(MqttPublishMessage packet) {
        MqttProperties properties = packet.variableHeader().properties();
        if (properties.isEmpty()) {
            return;
        }
        if (Properties.has(properties, MqttProperties.TOPIC_ALIAS)) {
            throw new ProtocolViolation(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias above the maximum, which is 0 [MQTT-3.3.2-9]");
        }
        if (Properties.has(properties, MqttProperties.SUBSCRIPTION_IDENTIFIER)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "subscription identifier from a client [MQTT-3.3.4-6]");
        }
    }

    private boolean isAllowed(Client client, Route route) {
        Boolean known = route.publishAllowed();
        if (known != null) {
            return known;
        }
        @Nullable String violation = TopicName.violation(route.topic(), limits.topicLevelsMax());
        if (violation != null) {
            throw new ProtocolViolation(ReasonCode.TOPIC_NAME_INVALID, violation);
        }
        boolean allowed =
                !TopicName.isReserved(route.topic())
                        && client.permissions().mayPublish(route.topic());
        route.publishAllowed(allowed);
        return allowed;
    }

    private static void acknowledge(
            Client client, Acknowledgement kind, int packetId, ReasonCode reason) {
        client.output().acknowledge(kind, packetId, reason);
    }
}
