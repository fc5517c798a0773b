package io.muster.broker.routing;

import io.muster.broker.message.Message;
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
 * @param noLocal whether the subscriber's own messages are left out, unless {@code own} says how
 *     they are delivered [MQTT5 3.8.3.1]
 * @param retainAsPublished whether the retain flag is kept when forwarding [MQTT5 3.8.3.1]
 * @param identifiers what deliveries carry [MQTT5 3.8.2.1.2]
 * @param own if some of several subscriptions leave the subscriber's own messages out and others do
 *     not: what the others come to; else null
 */
public record Subscription(
        TopicFilter filter,
        Subscriber subscriber,
        Qos qos,
        boolean noLocal,
        boolean retainAsPublished,
        SubscriptionIdentifiers identifiers,
        @Nullable Subscription own) {

    /** One subscription, by itself. */
    public Subscription(
            TopicFilter filter,
            Subscriber subscriber,
            Qos qos,
            boolean noLocal,
            boolean retainAsPublished,
            SubscriptionIdentifiers identifiers) {
        this(filter, subscriber, qos, noLocal, retainAsPublished, identifiers, null);
    }

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

    /**
     * By what a message is delivered that is for {@code subscriber} though it has not subscribed.
     */
    public static Subscription direct(Subscriber subscriber, Message message) {
        return new Subscription(
                TopicFilter.parse(message.topic()),
                subscriber,
                message.qos(),
                false,
                false,
                SubscriptionIdentifiers.NONE);
    }

    /**
     * By what a message is delivered, which may be its subscriber's own; null if it is left out for
     * that [MQTT-3.8.3-3].
     */
    @Nullable Subscription forMessage(Message message) {
        return noLocal && subscriber.clientIdentifier().equals(message.publisher()) ? own : this;
    }

    /** What the subscriber's own messages are delivered by; null if they are left out. */
    @Nullable Subscription forOwn() {
        return noLocal ? own : this;
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
