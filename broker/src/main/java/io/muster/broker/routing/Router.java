package io.muster.broker.routing;

import io.muster.broker.message.Message;

/**
 * The way of a message to its subscribers. Shared: any thread may publish; the subscribers are
 * called on that thread.
 *
 * <p>A message to be retained is stored before its matches are looked up, and whoever subscribes
 * enters the tree before it looks up what is retained. So a subscriber that comes at the same time
 * gets the message on one of both ways, if not on both. This is why the matches are looked up here
 * and not handed in.
 */
public final class Router {

    private final TopicTree tree;
    private final RetainedMessages retained;

    /** A router between the subscriptions of a tree. */
    public Router(TopicTree tree, RetainedMessages retained) {
        this.tree = tree;
        this.retained = retained;
    }

    /**
     * Publishes a message by a remembered route.
     *
     * @param route the one of the message's topic
     * @return how many subscribers it was handed to
     */
    public int publish(Message message, Route route) {
        storeIfRetained(message);
        return deliver(message, route.matches(tree));
    }

    /**
     * Publishes a message of somebody who keeps no routes: a will, or the broker's own.
     *
     * @return how many subscribers it was handed to
     */
    public int publish(Message message) {
        storeIfRetained(message);
        return deliver(message, tree.match(message.topic()));
    }

    private void storeIfRetained(Message message) {
        if (message.retain()) { // [MQTT-3.3.1-5], [MQTT-3.3.1-8]
            retained.store(message);
        }
    }

    private static int deliver(Message message, Subscription[] matches) {
        int delivered = 0;
        for (Subscription subscription : matches) {
            Subscriber subscriber = subscription.subscriber();
            // [MQTT-3.8.3-3]
            if (subscription.noLocal()
                    && subscriber.clientIdentifier().equals(message.publisher())) {
                continue;
            }
            subscriber.deliver(message, subscription);
            delivered++;
        }
        return delivered;
    }
}
