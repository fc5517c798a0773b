package io.muster.broker.protocol;

import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.Refusals;
import io.muster.broker.protocol.decode.SubscribePacket;
import io.muster.broker.protocol.decode.SubscribePacket.RetainHandling;
import io.muster.broker.protocol.decode.SubscribePacket.SubscriptionRequest;
import io.muster.broker.protocol.decode.UnsubscribePacket;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.RetainedMessages.Entry;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.session.Session;
import io.muster.broker.topic.InvalidTopicFilterException;
import io.muster.broker.topic.TopicFilter;
import io.muster.broker.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SUBSCRIBE and UNSUBSCRIBE, and the retained messages that a subscription brings. Shared; called
 * on the client's loop.
 */
final class SubscribeFlow {

    private static final Logger log = LoggerFactory.getLogger(SubscribeFlow.class);

    private static final int REFUSED_BEFORE_5 = 0x80;

    private final RetainedMessages retained;
    private final ProtocolLimits limits;
    private final Refusals refusals;

    SubscribeFlow(RetainedMessages retained, ProtocolLimits limits, Refusals refusals) {
        this.retained = retained;
        this.limits = limits;
        this.refusals = refusals;
    }

    /** The retained messages that a granted subscription is owed. */
    private record Owed(Matches messages, SubscriptionOptions options) {}

    /** All filters are read before the first is carried out, so a bad one leaves nothing behind. */
    void subscribe(Client client, SubscribePacket packet) {
        List<SubscriptionRequest> requests = packet.requests();
        List<TopicFilter> filters = new ArrayList<>(requests.size());
        for (SubscriptionRequest request : requests) {
            TopicFilter filter = filterOf(request);
            checkFeatures(client, filter);
            filters.add(filter);
        }
        checkAnswer(client, requests.size());
        int[] codes = new int[requests.size()];
        List<Owed> owed = new ArrayList<>(1);
        for (int i = 0; i < codes.length; i++) {
            SubscriptionRequest request = requests.get(i);
            ReasonCode refusal = refusal(client, filters.get(i), owed.size());
            if (refusal == ReasonCode.SUCCESS) {
                subscribe(client, filters.get(i), request, packet.subscriptionIdentifier(), owed);
                codes[i] = granted(request.qos()).value();
            } else {
                note(client, filters.get(i), refusal);
                codes[i] = client.version5() ? refusal.value() : REFUSED_BEFORE_5;
            }
        }
        client.output().suback(packet.packetId(), codes);
        for (Owed each : owed) {
            client.session().replay(each.messages(), each.options());
        }
    }

    /** Counted each time, logged the first time of a connection. */
    private void note(Client client, TopicFilter filter, ReasonCode refusal) {
        refusals.notSubscribed(refusal.name());
        if (client.link().isFirstDeniedSubscribe()) {
            log.warn(
                    "subscription refused, the first of this connection client={} principal={}"
                            + " filter={} reason={}",
                    new Quoted(client.session().clientIdentifier()),
                    new Quoted(client.identity().principal()),
                    new Quoted(filter.text()),
                    refusal);
        }
    }

    private static TopicFilter filterOf(SubscriptionRequest request) {
        TopicFilter filter = parse(request.filter());
        if (filter.isShared() && request.noLocal()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, "no local on a shared subscription [MQTT-3.8.3-4]");
        }
        return filter;
    }

    /** As asked for, as far as it is supported [MQTT-3.2.2-10, MQTT-3.8.4-8]. */
    private Qos granted(Qos requested) {
        return Qos.min(requested, limits.features().maximumQos());
    }

    /**
     * Clients of MQTT 5.0 have been told what is not supported, so they break the protocol [MQTT5
     * 3.2.2.3.11, 3.2.2.3.13].
     */
    private void checkFeatures(Client client, TopicFilter filter) {
        ReasonCode unsupported = unsupported(filter);
        if (client.version5() && unsupported != ReasonCode.SUCCESS) {
            throw new ProtocolViolation(unsupported, unsupported.sentence() + " [MQTT5 3.2.2.3]");
        }
    }

    private ReasonCode unsupported(TopicFilter filter) {
        if (filter.isShared() && !limits.features().sharedSubscriptions()) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        return TopicName.hasWildcard(filter.text()) && !limits.features().wildcardSubscriptions()
                ? ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED
                : ReasonCode.SUCCESS;
    }

    /** Nothing is carried out that cannot be acknowledged [MQTT-3.1.2-24]. */
    private static void checkAnswer(Client client, int filters) {
        if (!client.output().fitsCodes(filters)) {
            throw new ProtocolViolation(
                    ReasonCode.PACKET_TOO_LARGE,
                    "the answer to %d filters is larger than the client takes [MQTT-3.1.2-24]"
                            .formatted(filters));
        }
    }

    private void subscribe(
            Client client,
            TopicFilter filter,
            SubscriptionRequest request,
            int identifier,
            List<Owed> owed) {
        SubscriptionOptions options =
                new SubscriptionOptions(
                        granted(request.qos()),
                        request.noLocal(),
                        request.retainAsPublished(),
                        identifier);
        Entry entry = retained.enter(() -> client.session().subscribe(filter, options));
        if (wantsRetained(request.retainHandling(), entry.isNew()) && !filter.isShared()) {
            long now = client.channel().loop().nowMillis();
            Matches messages = retained.matches(filter, entry.mark(), now);
            if (!messages.isOver()) {
                owed.add(new Owed(messages, options));
            }
        }
    }

    private static TopicFilter parse(String text) {
        try {
            return TopicFilter.parse(text);
        } catch (InvalidTopicFilterException invalid) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET, String.valueOf(invalid.getMessage()));
        }
    }

    /** Why the filter is not granted, or success. */
    private ReasonCode refusal(Client client, TopicFilter filter, int owed) {
        ReasonCode unsupported = unsupported(filter);
        if (unsupported != ReasonCode.SUCCESS) {
            return unsupported; // to a client that could not be told before [MQTT3 MQTT-3.8.3-2]
        }
        if (filter.levels() > limits.topicLevelsMax()) {
            return ReasonCode.TOPIC_FILTER_INVALID;
        }
        TopicPermissions permissions = client.identity().permissions();
        if (!permissions.maySubscribe(filter.text())) {
            return permissions.tellsWhyNot(filter.text())
                    ? ReasonCode.NOT_AUTHORIZED
                    : ReasonCode.UNSPECIFIED_ERROR;
        }
        return hasRoom(client, filter, owed) ? ReasonCode.SUCCESS : ReasonCode.QUOTA_EXCEEDED;
    }

    /**
     * Subscriptions are bounded, and so are those whose retained messages the client has still to
     * read: one filter may be subscribed to again and again.
     */
    private boolean hasRoom(Client client, TopicFilter filter, int owed) {
        Session session = client.session();
        int max =
                limits.subscriptionsMax() + client.identity().permissions().subscriptionsBesides();
        return client.link().pendingReplays() + owed < max
                && (session.subscriptionCount() < max || session.isSubscribed(filter.text()));
    }

    private static boolean wantsRetained(RetainHandling handling, boolean isNew) {
        return switch (handling) {
            case ALWAYS -> true;
            case IF_NEW -> isNew;
            case NEVER -> false;
        };
    }

    void unsubscribe(Client client, UnsubscribePacket packet) {
        List<TopicFilter> filters = packet.filters().stream().map(SubscribeFlow::parse).toList();
        checkAnswer(client, filters.size());
        int[] codes = new int[filters.size()];
        for (int i = 0; i < codes.length; i++) {
            boolean existed = client.session().unsubscribe(filters.get(i).text());
            codes[i] = (existed ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED).value();
        }
        client.output().unsuback(packet.packetId(), codes);
    }
}
