package io.muster.broker.protocol;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.Properties;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.InvalidTopicFilterException;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicFilter;
import io.muster.broker.session.Session;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
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

    void subscribe(Client client, MqttSubscribeMessage packet) {
        if (Properties.has(
                packet.idAndPropertiesVariableHeader().properties(),
                MqttProperties.SUBSCRIPTION_IDENTIFIER)) {
            throw new ProtocolViolation(
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                    "subscription identifiers are not available, as CONNACK said [MQTT5 3.2.2.3.12]");
        }
        List<MqttTopicSubscription> wishes = packet.payload().topicSubscriptions();
        requireFilters(wishes, "SUBSCRIBE without a topic filter [MQTT-3.8.3-2]");
        int[] codes = new int[wishes.size()];
        List<Owed> owed = new ArrayList<>(1);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = subscribe(client, wishes.get(i), owed);
        }
        client.output().suback(packet.variableHeader().messageId(), codes);
        for (Owed each : owed) {
            client.session().replay(each.messages(), each.options());
        }
    }

    /** The code for one filter: the granted quality of service, or why it is refused. */
    private int subscribe(Client client, MqttTopicSubscription wish, List<Owed> owed) {
        TopicFilter filter = parse(wish.topicFilter());
        Session session = client.session();
        ReasonCode refusal = refusal(client, filter);
        if (refusal != ReasonCode.SUCCESS) {
            return client.version5() ? refusal.value() : REFUSED_BEFORE_5;
        }
        MqttSubscriptionOption option = wish.option();
        if (!client.version5() && !hasQosOnly(option)) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "reserved bits of the requested QoS set [MQTT3 MQTT-3.8.3-4]");
        }
        Qos qos = Qos.of(option.qos().value());
        SubscriptionOptions options =
                new SubscriptionOptions(qos, option.isNoLocal(), option.isRetainAsPublished(), 0);
        boolean isNew = session.subscribe(filter, options);
        if (wantsRetained(option, isNew)) {
            List<Message> messages = new ArrayList<>(0);
            retained.forEachMatch(filter, client.channel().loop().nowMillis(), messages::add);
            owe(client, new Owed(messages, options), owed);
        }
        return qos.value();
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

    private static void requireFilters(List<?> filters, String sentence) {
        if (filters.isEmpty()) {
            throw new ProtocolViolation(ReasonCode.PROTOCOL_ERROR, sentence);
        }
    }

    private static boolean hasQosOnly(MqttSubscriptionOption option) {
        return !option.isNoLocal()
                && !option.isRetainAsPublished()
                && option.retainHandling() == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE;
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
        if (filter.isShared()) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (!client.permissions().maySubscribe(filter.text())) {
            return ReasonCode.NOT_AUTHORIZED;
        }
        boolean isFull = session.subscriptionCount() >= limits.subscriptionsMax();
        return isFull && !session.isSubscribed(filter.text())
                ? ReasonCode.QUOTA_EXCEEDED
                : ReasonCode.SUCCESS;
    }

    private static boolean wantsRetained(MqttSubscriptionOption option, boolean isNew) {
        return switch (option.retainHandling()) {
            case SEND_AT_SUBSCRIBE -> true;
            case SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS -> isNew;
            case DONT_SEND_AT_SUBSCRIBE -> false;
        };
    }

    void unsubscribe(Client client, MqttUnsubscribeMessage packet) {
        List<String> filters = packet.payload().topics();
        requireFilters(filters, "UNSUBSCRIBE without a topic filter [MQTT-3.10.3-2]");
        int[] codes = new int[filters.size()];
        for (int i = 0; i < codes.length; i++) {
            String filter = parse(filters.get(i)).text();
            boolean existed = client.session().unsubscribe(filter);
            codes[i] = (existed ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED).value();
        }
        client.output().unsuback(packet.variableHeader().messageId(), codes);
    }
}
