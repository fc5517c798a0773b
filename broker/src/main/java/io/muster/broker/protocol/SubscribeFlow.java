package io.muster.broker.protocol;

import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.protocol.decode.SubscribePacket;
import io.muster.broker.protocol.decode.SubscribePacket.RetainHandling;
import io.muster.broker.protocol.decode.SubscribePacket.SubscriptionRequest;
import io.muster.broker.protocol.decode.UnsubscribePacket;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.session.Session;
import io.muster.broker.topic.InvalidTopicFilterException;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * SUBSCRIBE and UNSUBSCRIBE, and the retained messages that a subscription brings. Shared; called
 * on the client's loop.
 */
final class SubscribeFlow {

    private static final int REFUSED_BEFORE_5 = 0x80;

    private final RetainedMessages retained;
    private final ProtocolLimits limits;

    SubscribeFlow(RetainedMessages retained, ProtocolLimits limits) {
        this.retained = retained;
        this.limits = limits;
    }

    /** The retained messages that a granted subscription is owed. */
    private record Owed(List<Message> messages, SubscriptionOptions options) {}

    void subscribe(Client client, SubscribePacket packet) {
        List<SubscriptionRequest> requests = packet.requests();
        int[] codes = new int[requests.size()];
        List<Owed> owed = new ArrayList<>(1);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = subscribe(client, requests.get(i), packet.subscriptionIdentifier(), owed);
        }
        client.output().suback(packet.packetId(), codes);
        for (Owed each : owed) {
            client.session().replay(each.messages(), each.options());
        }
    }

    /** The code for one filter: the granted quality of service, or why it is refused. */
    private int subscribe(
            Client client, SubscriptionRequest request, int identifier, List<Owed> owed) {
        TopicFilter filter = parse(request.filter());
        if (filter.isShared() && request.noLocal()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, "no local on a shared subscription [MQTT-3.8.3-4]");
        }
        ReasonCode refusal = refusal(client, filter);
        if (refusal != ReasonCode.SUCCESS) {
            return client.version5() ? refusal.value() : REFUSED_BEFORE_5;
        }
        SubscriptionOptions options =
                new SubscriptionOptions(
                        request.qos(), request.noLocal(), request.retainAsPublished(), identifier);
        boolean isNew = client.session().subscribe(filter, options);
        if (wantsRetained(request.retainHandling(), isNew) && !filter.isShared()) {
            List<Message> messages = new ArrayList<>(0);
            retained.forEachMatch(filter, client.channel().loop().nowMillis(), messages::add);
            owe(client, new Owed(messages, options), owed);
        }
        return request.qos().value();
    }

    /** One filter may be subscribed to again and again, so a client could be owed without end. */
    private void owe(Client client, Owed more, List<Owed> owed) {
        if (more.messages().isEmpty()) {
            return;
        }
        if (client.link().pendingReplays() + owed.size() >= limits.subscriptionsMax()) {
            throw new ProtocolViolation(
                    ReasonCode.QUOTA_EXCEEDED,
                    "subscribes again without reading the retained messages of "
                            + limits.subscriptionsMax()
                            + " subscriptions before");
        }
        owed.add(more);
    }

    private TopicFilter parse(String text) {
        try {
            return TopicFilter.parse(text, limits.topicLevelsMax());
        } catch (InvalidTopicFilterException invalid) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET, String.valueOf(invalid.getMessage()));
        }
    }

    private ReasonCode refusal(Client client, TopicFilter filter) {
        Session session = client.session();
        TopicPermissions permissions = client.identity().permissions();
        if (!permissions.maySubscribe(filter.text())) {
            return permissions.tellsWhyNot(filter.text())
                    ? ReasonCode.NOT_AUTHORIZED
                    : ReasonCode.UNSPECIFIED_ERROR;
        }
        boolean isFull = session.subscriptionCount() >= limits.subscriptionsMax();
        return isFull && !session.isSubscribed(filter.text())
                ? ReasonCode.QUOTA_EXCEEDED
                : ReasonCode.SUCCESS;
    }

    private static boolean wantsRetained(RetainHandling handling, boolean isNew) {
        return switch (handling) {
            case ALWAYS -> true;
            case IF_NEW -> isNew;
            case NEVER -> false;
        };
    }

    void unsubscribe(Client client, UnsubscribePacket packet) {
        List<String> filters = packet.filters();
        int[] codes = new int[filters.size()];
        for (int i = 0; i < codes.length; i++) {
            String filter = parse(filters.get(i)).text();
            boolean existed = client.session().unsubscribe(filter);
            codes[i] = (existed ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED).value();
        }
        client.output().unsuback(packet.packetId(), codes);
    }
}
