package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** A subscriber that keeps what it is given. Confined to the thread that publishes to it. */
class Recorder implements Subscriber {

    final List<Message> messages = new ArrayList<>();
    final List<Subscription> subscriptions = new ArrayList<>();
    boolean connected = true;
    boolean hasRoom = true;
    int load;
    private final String clientIdentifier;

    Recorder(String clientIdentifier) {
        this.clientIdentifier = clientIdentifier;
    }

    /** A subscription that this subscriber could make. */
    Subscription to(String filter, Qos qos) {
        return new Subscription(
                TopicFilter.parse(filter), this, qos, false, false, SubscriptionIdentifiers.NONE);
    }

    Subscription to(String filter) {
        return to(filter, Qos.AT_MOST_ONCE);
    }

    @Override
    public String clientIdentifier() {
        return clientIdentifier;
    }

    @Override
    public void deliver(Message message, Subscription subscription, boolean isAdmitted) {
        messages.add(message);
        subscriptions.add(subscription);
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public boolean hasRoomFor(Message message) {
        return hasRoom;
    }

    @Override
    public boolean hasCaughtUp() {
        return hasRoom;
    }

    @Override
    public int load() {
        return load;
    }

    @Override
    public String toString() {
        return clientIdentifier;
    }
}
