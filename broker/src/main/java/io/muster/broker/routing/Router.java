package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import org.jspecify.annotations.Nullable;

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
    private final boolean refusing;

    /** A router to the subscribers in a tree, who drop what they have no room for. */
    public Router(TopicTree tree, RetainedMessages retained) {
        this(tree, retained, false);
    }

    /**
     * A router to the subscribers in a tree.
     *
     * @param refusing whether publishers are told of subscribers that have no room; otherwise they
     *     wait for those that are connected
     */
    public Router(TopicTree tree, RetainedMessages retained, boolean refusing) {
        this.tree = tree;
        this.retained = retained;
        this.refusing = refusing;
    }

    /**
     * Publishes a message by a remembered route.
     *
     * @param route the one of the message's topic
     * @param isAdmitted whether its publisher neither has to wait nor is refused
     * @return how many subscriptions match, also if one leaves out its own messages
     */
    public int publish(Message message, Route route, boolean isAdmitted) {
        storeIfRetained(message);
        return deliver(message, route.matches(tree), isAdmitted);
    }

    /**
     * Publishes a message of somebody who keeps no routes: a will, or the broker's own.
     *
     * @return how many subscriptions match, also if one leaves out its own messages
     */
    public int publish(Message message) {
        storeIfRetained(message);
        return deliver(message, tree.match(message.topic()), false);
    }

    /**
     * Publishes what the broker makes of a message whose publisher was to wait for the subscribers
     * of this one. If all have room, they take it whatever comes meanwhile.
     */
    public void passOn(Message message) {
        storeIfRetained(message);
        Subscription[] matches = tree.match(message.topic());
        boolean isAdmitted =
                refusing ? hasRoom(message, matches) : behind(message, matches) == null;
        deliver(message, matches, isAdmitted);
    }

    /**
     * The subscriber that the publisher of a message of QoS 1 or 2 is to wait for: a connected one
     * that is to get it with QoS 1 or 2 and does not keep up; of a shared subscription, if that is
     * so with all its members that are connected. Null if there is none.
     *
     * @param route the one of the message's topic
     */
    public @Nullable Subscriber behind(Message message, Route route) {
        return refusing ? null : behind(message, route.matches(tree));
    }

    /** The same of a message of which it is not known yet whether it will be published. */
    public @Nullable Subscriber behind(Message message) {
        return refusing ? null : behind(message, tree.match(message.topic()));
    }

    private static @Nullable Subscriber behind(Message message, Subscription[] matches) {
        for (Subscription subscription : matches) {
            Subscription by = subscription.forMessage(message);
            if (by != null && by.qos() != Qos.AT_MOST_ONCE) {
                Subscriber behind = by.subscriber().behind(message);
                if (behind != null) {
                    return behind;
                }
            }
        }
        return null;
    }

    /**
     * Whether the message may be published: false if publishers are to be told and a subscriber
     * that is to get it with QoS 1 or 2 has no room, should it have to wait; of a shared
     * subscription, the member whose turn it is. A subscriber that other threads fill at this
     * moment may be full a moment later.
     *
     * @param route the one of the message's topic
     */
    public boolean hasRoom(Message message, Route route) {
        return !refusing
                || message.qos() == Qos.AT_MOST_ONCE
                || hasRoom(message, route.matches(tree));
    }

    /** The same of a message of which it is not known yet whether it will be published. */
    public boolean hasRoom(Message message) {
        return !refusing || hasRoom(message, tree.match(message.topic()));
    }

    private static boolean hasRoom(Message message, Subscription[] matches) {
        for (Subscription subscription : matches) {
            Subscription by = subscription.forMessage(message);
            if (by != null
                    && by.qos() != Qos.AT_MOST_ONCE
                    && !by.subscriber().hasRoomFor(message)) {
                return false;
            }
        }
        return true;
    }

    /** Gives a message to one subscriber, if it subscribes to the topic, and to nobody else. */
    public void publishTo(Subscriber only, Message message) {
        for (Subscription subscription : tree.match(message.topic())) {
            if (subscription.subscriber() == only) {
                only.deliver(message, subscription, false);
            }
        }
    }

    private void storeIfRetained(Message message) {
        if (message.retain()) { // [MQTT-3.3.1-5], [MQTT-3.3.1-8]
            retained.store(message);
        }
    }

    private static int deliver(Message message, Subscription[] matches, boolean isAdmitted) {
        for (Subscription subscription : matches) {
            Subscription by = subscription.forMessage(message);
            if (by != null) {
                by.subscriber().deliver(message, by, isAdmitted);
            }
        }
        return matches.length;
    }
}
