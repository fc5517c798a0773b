package io.muster.broker.routing;

import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.topic.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one subscriber, or what several of its subscriptions that match one topic
 * come to.
 *
 * @param filter what it matches
 * @param subscriber who holds it
 * @param qos the granted maximum quality of service
 * @param noLocal whether the subscriber's own messages are left out [MQTT5 3.8.3.1]
 * @param retainAsPublished whether the retain flag is kept when forwarding [MQTT5 3.8.3.1]
 * @param identifiers what deliveries carry [MQTT5 3.8.2.1.2]
 */
public record Subscription(
        TopicFilter filter,
        Subscriber subscriber,
        Qos qos,
        boolean noLocal,
        boolean retainAsPublished,
        SubscriptionIdentifiers identifiers) {

    /** The subscription of {@code subscriber} with these options. */
    public static Subscription of(
            TopicFilter filter, Subscriber subscriber, SubscriptionOptions options) {
        return new Subscription(
                filter,
                subscriber,
                options.qos(),
                options.noLocal(),
                options.retainAsPublished(),
                SubscriptionIdentifiers.of(options.identifier()));
    }

    /** Whether its subscriber shares it with others. */
    public boolean isShared() {
        return filter.isShared();
    }

    /** Its whole filter if it is shared, else null. */
    public @Nullable String share() {
        return filter.isShared() ? filter.text() : null;
    }
}
