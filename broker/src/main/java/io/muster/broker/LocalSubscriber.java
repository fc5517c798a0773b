package io.muster.broker;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.topic.TopicFilter;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Somebody in this process who subscribes: takes every message at once, so nobody waits for it. */
final class LocalSubscriber implements Subscriber {

    private static final Logger log = LoggerFactory.getLogger(LocalSubscriber.class);

    private final Consumer<Message> listener;

    private LocalSubscriber(Consumer<Message> listener) {
        this.listener = listener;
    }

    /** The subscription of {@code listener} to {@code filter}. */
    static Subscription subscription(String filter, Consumer<Message> listener) {
        return new Subscription(
                TopicFilter.parse(filter),
                new LocalSubscriber(listener),
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
    public boolean hasRoomFor(Message message) {
        return true;
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
