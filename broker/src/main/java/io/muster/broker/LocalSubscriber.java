package io.muster.broker;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.Router;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.topic.TopicFilter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody in this process who subscribes: takes every message at once, so nobody waits for it, but
 * for those to whom it passes on what it makes of the message.
 */
final class LocalSubscriber implements Subscriber {

    private static final Logger log = LoggerFactory.getLogger(LocalSubscriber.class);

    private final Router router;
    private final OnwardTopic onward;
    private final Consumer<Message> listener;

    private LocalSubscriber(Router router, OnwardTopic onward, Consumer<Message> listener) {
        this.router = router;
        this.onward = onward;
        this.listener = listener;
    }

    /** The subscription of {@code listener} to {@code filter}. */
    static Subscription subscription(
            String filter, Router router, OnwardTopic onward, Consumer<Message> listener) {
        return new Subscription(
                TopicFilter.parse(filter),
                new LocalSubscriber(router, onward, listener),
                Qos.EXACTLY_ONCE,
                false,
                true,
                SubscriptionIdentifiers.NONE);
    }

    /** None, as of all that the broker itself does. */
    @Override
    public String clientIdentifier() {
        return "";
    }

    @Override
    public void deliver(Message message, Subscription subscription, boolean isAdmitted) {
        try {
            listener.accept(message);
        } catch (RuntimeException failure) {
            // Not the publisher's fault, nor that of the subscribers that come after this one.
            log.error("listener failed filter={}", subscription.filter().text(), failure);
        }
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public @Nullable Subscriber behind(Message message) {
        Message next = next(message);
        return next == null ? null : router.behind(next);
    }

    @Override
    public boolean hasRoomFor(Message message) {
        Message next = next(message);
        return next == null || router.hasRoom(next);
    }

    /** About what the listener will publish; null if nothing. */
    private @Nullable Message next(Message message) {
        String topic = onward.of(message);
        return topic == null
                ? null
                : Message.of(topic, message.payload(), Qos.AT_LEAST_ONCE, false);
    }

    @Override
    public boolean hasCaughtUp() {
        return true;
    }

    @Override
    public int load() {
        return 0;
    }
}
