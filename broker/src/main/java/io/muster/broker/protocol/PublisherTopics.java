package io.muster.broker.protocol;

import io.muster.broker.protocol.decode.Property;
import io.muster.broker.protocol.decode.PublishPacket;
import io.muster.broker.protocol.decode.TopicTexts;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.Route;
import io.muster.broker.routing.RouteCache;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the topics that one connection publishes to: their texts, their routes, and
 * the aliases that the client gave them, which last as long as the connection [MQTT-3.3.2-7].
 *
 * <p>Confined to the connection's loop.
 */
public final class PublisherTopics {

    private static final int ROUTES = 32;

    private final TopicTexts texts = new TopicTexts();
    private RouteCache routes = new RouteCache(ROUTES);
    private final int aliasMax;
    private @Nullable String @Nullable [] aliases;

    /**
     * Nothing is remembered yet.
     *
     * @param aliasMax how many aliases the client may give
     */
    public PublisherTopics(int aliasMax) {
        this.aliasMax = aliasMax;
    }

    TopicTexts texts() {
        return texts;
    }

    /** The route of a packet's topic, whether it came as text or as alias. */
    Route route(PublishPacket packet) {
        long alias =
                packet.properties().isEmpty()
                        ? -1
                        : packet.properties().number(Property.TOPIC_ALIAS, -1);
        if (alias >= 0) {
            return routes.route(topicOf(packet.topic(), (int) alias));
        }
        if (packet.topic().isEmpty()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "PUBLISH with neither topic nor alias [MQTT5 3.3.2.1]");
        }
        return routes.route(packet.topic());
    }

    /** What the client may publish is to be asked anew; its aliases stay. */
    void forgetPermissions() {
        routes = new RouteCache(ROUTES);
    }

    private String topicOf(String topic, int alias) {
        if (alias == 0 || alias > aliasMax) {
            throw new ProtocolViolation(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias %d is not from 1 to %d [MQTT-3.3.2-8, MQTT-3.3.2-9]"
                            .formatted(alias, aliasMax));
        }
        @Nullable String[] known = aliases;
        if (known == null) {
            known = new String[aliasMax];
            aliases = known;
        }
        if (!topic.isEmpty()) {
            known[alias - 1] = topic;
            return topic;
        }
        String meant = known[alias - 1];
        if (meant == null) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "topic alias %d stands for nothing yet [MQTT5 3.3.4]".formatted(alias));
        }
        return meant;
    }
}
