package io.muster.broker.protocol;

import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.metrics.Limit;
import io.muster.broker.metrics.LoopCounters;
import io.muster.broker.pace.HeldPublishers;
import io.muster.broker.protocol.decode.Properties;
import io.muster.broker.protocol.decode.Property;
import io.muster.broker.protocol.decode.PublishPacket;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.Route;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.session.Room;
import io.muster.broker.session.Session;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.topic.Levels;
import io.muster.broker.topic.TopicName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From PUBLISH to the router, and the acknowledgement. Shared; called on the client's loop. */
final class PublishFlow {

    private static final Logger log = LoggerFactory.getLogger(PublishFlow.class);

    private final Router router;
    private final ProtocolLimits limits;
    private final ClientObserver observer;

    PublishFlow(Router router, ProtocolLimits limits, ClientObserver observer) {
        this.router = router;
        this.limits = limits;
        this.observer = observer;
    }

    /** Takes in a PUBLISH; false if its publisher is held, and nothing is done yet. */
    boolean publish(Client client, PublishPacket packet) {
        if (packet.properties().has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "subscription identifier from a client [MQTT-3.3.4-6]");
        }
        checkFeatures(packet);
        Route route = client.topics().route(packet);
        Message message = messageOf(client, packet, route);
        if (packet.qos() == Qos.AT_MOST_ONCE) {
            count(client, packet);
            publish(client, message, route, false);
            return true;
        }
        Subscriber behind = isAllowed(client, route) ? router.behind(message, route) : null;
        if (behind != null && client.channel().canWait()) {
            hold(client, behind);
            return false;
        }
        count(client, packet);
        if (packet.qos() == Qos.AT_LEAST_ONCE) {
            publishAcknowledged(client, packet.packetId(), message, route, behind == null);
        } else {
            publishOnce(client, packet.packetId(), message, route, behind == null);
        }
        return true;
    }

    private static void hold(Client client, Subscriber behind) {
        HeldPublishers held = client.channel().loop().held();
        held.hold(client.channel(), Limit.SLOW_SUBSCRIBER, new Room(behind));
    }

    private static void count(Client client, PublishPacket packet) {
        LoopCounters counters = client.channel().loop().counters();
        counters.received(packet.qos().value(), packet.payload().size());
    }

    /** Clients of MQTT 5.0 have been told; the others cannot be [MQTT-3.2.2-11, MQTT-3.2.2-14]. */
    private void checkFeatures(PublishPacket packet) {
        Features features = limits.features();
        if (packet.qos().value() > features.maximumQos().value()) {
            throw new ProtocolViolation(
                    ReasonCode.QOS_NOT_SUPPORTED, "QoS above the maximum [MQTT-3.2.2-11]");
        }
        if (packet.retain() && !features.retain()) {
            throw new ProtocolViolation(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "retained message [MQTT-3.2.2-14]");
        }
    }

    private void publishAcknowledged(
            Client client, int packetId, Message message, Route route, boolean isAdmitted) {
        if (isBeyondReceiveMaximum(client, client.session().receivedCount() + 1)) {
            throw tooManyUnfinished();
        }
        ReasonCode reason = publish(client, message, route, isAdmitted);
        answer(client, PacketType.PUBACK, packetId, reason, route);
    }

    /**
     * What is refused to everybody needs no words: some clients read no properties in a PUBACK, and
     * try these topics to learn whether they are open.
     */
    private void answer(
            Client client, PacketType type, int packetId, ReasonCode reason, Route route) {
        if (reason == ReasonCode.NOT_AUTHORIZED && limits.isReserved(route.topic())) {
            client.output().acknowledgeBriefly(type, packetId, reason);
        } else {
            client.output().acknowledge(type, packetId, reason);
        }
    }

    /** Routes the message unless that is refused; the answer to the publisher. */
    private ReasonCode publish(Client client, Message message, Route route, boolean isAdmitted) {
        ReasonCode refusal = refusal(client, message, route);
        if (refusal != ReasonCode.SUCCESS) {
            return refusal;
        }
        int subscribers = router.publish(message, route, isAdmitted);
        return subscribers == 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    }

    /**
     * A repeated packet is acknowledged again and not routed again [MQTT-4.3.3-10]. The PUBREC goes
     * before the message, which the publisher may be sent itself.
     */
    private void publishOnce(
            Client client, int packetId, Message message, Route route, boolean isAdmitted) {
        Session session = client.session();
        if (!session.receive(packetId)) {
            client.output().acknowledge(PacketType.PUBREC, packetId, ReasonCode.SUCCESS);
            return;
        }
        if (isBeyondReceiveMaximum(client, session.receivedCount())) {
            // Not taken, so not noted: the client may send it again over its next connection.
            session.release(packetId);
            throw tooManyUnfinished();
        }
        ReasonCode refusal = refusal(client, message, route);
        answer(client, PacketType.PUBREC, packetId, refusal, route);
        if (refusal == ReasonCode.SUCCESS) {
            router.publish(message, route, isAdmitted);
        } else if (client.version5()) {
            // The client is done with this packet identifier [MQTT-4.3.3-9].
            session.release(packetId);
        }
    }

    /**
     * Before MQTT 5.0 clients are not told of a maximum; those are bounded by the packet
     * identifiers that there are.
     */
    private boolean isBeyondReceiveMaximum(Client client, int unfinished) {
        return client.version5() && unfinished > limits.inflightMax();
    }

    private static ProtocolViolation tooManyUnfinished() {
        return new ProtocolViolation(
                ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                "more unfinished messages than allowed [MQTT-3.3.4-7]");
    }

    /** Why the message is not routed, counted; or success. */
    private ReasonCode refusal(Client client, Message message, Route route) {
        LoopCounters counters = client.channel().loop().counters();
        if (!isAllowed(client, route)) {
            return denial(client, message, route);
        }
        if (!message.payload().isReadable()) {
            counters.dropped(DropReason.COMPRESSION);
            return ReasonCode.PAYLOAD_FORMAT_INVALID;
        }
        if (limits.checksPayloadFormat() && !message.properties().describe(message.payload())) {
            counters.dropped(DropReason.PAYLOAD_FORMAT);
            return ReasonCode.PAYLOAD_FORMAT_INVALID;
        }
        if (!router.hasRoom(message, route)) {
            counters.dropped(DropReason.REFUSED);
            return ReasonCode.QUOTA_EXCEEDED;
        }
        return ReasonCode.SUCCESS;
    }

    /**
     * Clients of MQTT 5.0 are told, but for messages of QoS 0. Those before cannot be told [MQTT3
     * MQTT-3.3.5-2]: the message is dropped, or the connection closed, unless the observer bears
     * with the client.
     */
    private ReasonCode denial(Client client, Message message, Route route) {
        LoopCounters counters = client.channel().loop().counters();
        if (isTooDeep(route.topic())) {
            counters.dropped(DropReason.TOPIC_TOO_DEEP);
            return ReasonCode.TOPIC_NAME_INVALID;
        }
        counters.dropped(DropReason.NOT_AUTHORIZED);
        boolean isBorne = !limits.isReserved(route.topic()) && tellRefused(client, message);
        if (limits.closesDeniedPublishers() && !client.version5() && !isBorne) {
            throw new ProtocolViolation(
                    ReasonCode.NOT_AUTHORIZED,
                    "may not publish to " + route.topic() + " [MQTT3 MQTT-3.3.5-2]");
        }
        if (client.link().isFirstDeniedPublish()) {
            log.warn(
                    "publish denied, the first of this connection client={} principal={} topic={}",
                    new Quoted(client.session().clientIdentifier()),
                    new Quoted(client.identity().principal()),
                    new Quoted(route.topic()));
        }
        return ReasonCode.NOT_AUTHORIZED;
    }

    /**
     * Whether the observer bears with the client. The answer goes behind what this turn still
     * sends, the acknowledgement among it.
     */
    private boolean tellRefused(Client client, Message message) {
        Session session = client.session();
        return observer.refused(
                client.link().client(),
                message,
                answer -> client.channel().loop().execute(() -> router.publishTo(session, answer)));
    }

    private static Message messageOf(Client client, PublishPacket packet, Route route) {
        Properties properties = packet.properties();
        long expirySeconds =
                properties.isEmpty() ? -1 : properties.number(Property.MESSAGE_EXPIRY_INTERVAL, -1);
        return new Message(
                route.topic(),
                packet.payload(),
                packet.qos(),
                packet.retain(),
                client.session().clientIdentifier(),
                expirySeconds < 0
                        ? Message.NEVER
                        : client.channel().loop().nowMillis() + expirySeconds * 1_000,
                properties.isEmpty() ? PublishProperties.NONE : packet.forwarded());
    }

    private boolean isAllowed(Client client, Route route) {
        Boolean known = route.publishAllowed();
        if (known != null) {
            return known;
        }
        checkTopic(route);
        boolean allowed =
                !limits.isReserved(route.topic())
                        && !isTooDeep(route.topic())
                        && client.identity().permissions().mayPublish(route.topic());
        route.publishAllowed(allowed);
        return allowed;
    }

    private boolean isTooDeep(String topic) {
        return Levels.count(topic) > limits.topicLevelsMax();
    }

    /** A topic that has been decided about need not be looked at again. */
    private static void checkTopic(Route route) {
        if (route.publishAllowed() == null && TopicName.hasWildcard(route.topic())) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "wildcard in a topic name [MQTT-3.3.2-2, MQTT-4.7.0-1]");
        }
    }
}
