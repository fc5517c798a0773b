package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.topic.LevelNames;
import io.muster.broker.topic.Levels;
import io.muster.broker.topic.TopicFilter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions of the broker, found by the topics that they match. Shared: any thread may call
 * anything; readers never wait, writers wait for each other only.
 *
 * <h2>Structure</h2>
 *
 * <p>A tree by topic level. A message's topic leads down one path, with a second branch wherever a
 * filter has {@code +}; {@code #} is not a node but a second set of subscribers in the node whose
 * parent level it stands for, so {@code a/#} is found on the way when {@code a} is. A match hence
 * costs what the topic's levels and the wildcards on its path cost, whatever the number of other
 * filters. At worst it visits two nodes for each one of the level above, but never more than there
 * are; the limit of levels bounds both.
 *
 * <p>A flat table for filters without wildcards would find those faster still. It was left out:
 * what devices subscribe to has wildcards more often than not, publishers remember their matches
 * anyway ({@link RouteCache}), and one structure is easier to trust than two.
 *
 * <p>A shared subscription stands where its filter without the share stands, as one subscriber
 * ({@link SharedGroup}), however many members it has.
 *
 * <h2>Reading while somebody writes</h2>
 *
 * <p>There is no snapshot of the whole. Writers hold a lock, and publish each step by one volatile
 * write of one node: its subscribers, or its children. A reader that walks meanwhile sees every
 * subscription that was there before it began and is there when it ends; one that comes or goes
 * meanwhile it may see or not. A node is cut off only when nothing is left in it or below it, so
 * whoever still stands on it misses nothing but what came after.
 *
 * <h2>Version</h2>
 *
 * <p>A publisher that keeps a match first reads the version, then matches, and keeps both. The
 * version changes after the structure and before the modifying call returns. Were it changed first,
 * a publisher could read the new version, match the old structure, and keep that for ever. This way
 * round the worst is a match that is new already under an old version: it is matched once more for
 * nothing. A message that is published after {@link #subscribe} returned meets the new version, and
 * therefore the new structure.
 *
 * <h2>Costs</h2>
 *
 * <p>Subscribing and unsubscribing take a walk down the filter's levels, and for a filter that many
 * share what {@link SubscriberSet} says. A node takes about 100 bytes with its level's name; nodes
 * that hold nothing are cut off at once.
 */
public final class TopicTree {

    /** What {@link #match} returns when nothing matches. */
    private static final Subscription[] NONE = {};

    final Node root = new Node("", null);
    private final Object writing = new Object();

    /** Used under the lock. */
    private final LevelNames levelNames = new LevelNames();

    private final AtomicLong version = new AtomicLong();
    private final ShareStrategy shareStrategy;

    /** By the whole filter. Written under the lock. */
    private final Map<String, SharedGroup> groups = new ConcurrentHashMap<>();

    private final AtomicInteger size = new AtomicInteger();
    private final AtomicInteger sharedSize = new AtomicInteger();

    /** An empty tree, whose shared subscriptions go round. */
    public TopicTree() {
        this(ShareStrategy.ROUND_ROBIN);
    }

    /**
     * An empty tree.
     *
     * @param shareStrategy which member of a shared subscription gets a message
     */
    public TopicTree(ShareStrategy shareStrategy) {
        this.shareStrategy = shareStrategy;
    }

    /**
     * Adds a subscription; it takes the place of the one that the same subscriber holds for the
     * same filter [MQTT-3.8.4-3]. Messages published after this has returned are matched.
     *
     * @return whether it is new and took no other's place
     */
    public boolean subscribe(Subscription subscription) {
        synchronized (writing) {
            boolean added =
                    subscription.isShared()
                            ? join(subscription)
                            : nodeFor(subscription.filter()).add(subscription);
            if (added) {
                count(subscription.filter(), 1);
            }
            version.incrementAndGet();
            return added;
        }
    }

    /** Removes the subscription of this subscriber for this filter; returns whether it had one. */
    public boolean unsubscribe(TopicFilter filter, Subscriber subscriber) {
        synchronized (writing) {
            if (filter.isShared() ? !leave(filter, subscriber) : !remove(filter, subscriber)) {
                return false;
            }
            count(filter, -1);
            version.incrementAndGet();
            return true;
        }
    }

    private void count(TopicFilter filter, int change) {
        size.addAndGet(change);
        if (filter.isShared()) {
            sharedSize.addAndGet(change);
        }
    }

    /** Adds a member to its group, and a new group to the tree. */
    private boolean join(Subscription member) {
        TopicFilter filter = member.filter();
        SharedGroup group = groups.get(filter.text());
        if (group != null) {
            return group.join(member);
        }
        SharedGroup fresh = new SharedGroup(shareStrategy);
        fresh.join(member);
        groups.put(filter.text(), fresh);
        return nodeFor(filter)
                .add(
                        new Subscription(
                                filter,
                                fresh,
                                Qos.EXACTLY_ONCE,
                                false,
                                false,
                                SubscriptionIdentifiers.NONE));
    }

    /** Removes a member from its group, and a group that is empty from the tree. */
    private boolean leave(TopicFilter filter, Subscriber member) {
        SharedGroup group = groups.get(filter.text());
        if (group == null || !group.leave(member)) {
            return false;
        }
        if (group.isEmpty()) {
            groups.remove(filter.text());
            remove(filter, group);
        }
        return true;
    }

    private boolean remove(TopicFilter filter, Subscriber subscriber) {
        Node node = findNode(filter);
        if (node == null || !node.remove(filter, subscriber)) {
            return false;
        }
        prune(node);
        return true;
    }

    /**
     * Hands a message that a member of a shared subscription was given, and cannot send, to another
     * member [MQTT5 4.8.2].
     *
     * @param share the whole filter, {@code $share/...}
     * @param leaving who had it
     * @param readyOnly whether only a member that is connected and has room will do
     * @return whether there was one
     */
    public boolean redeliver(String share, Message message, Subscriber leaving, boolean readyOnly) {
        SharedGroup group = groups.get(share);
        return group != null && group.redeliver(message, leaving, readyOnly);
    }

    /**
     * Changes after every modification. A match is as good as new as long as the version that was
     * read before it has not changed.
     */
    public long version() {
        return version.get();
    }

    /** How many subscriptions there are; of a shared one, each member has one. */
    public int size() {
        return size.get();
    }

    /** How many of them are shared: the members of all groups. */
    public int sharedSize() {
        return sharedSize.get();
    }

    /**
     * The subscriptions that match a topic name, at most one for each subscriber, in no particular
     * order. Of one subscriber's overlapping subscriptions, the one with the highest quality of
     * service stands for all [MQTT-3.3.4-2]; where that is equal, one that keeps the retain flag;
     * it carries the identifiers of all [MQTT-3.3.4-3]. Where some of them leave out the
     * subscriber's own messages, {@link Subscription#own} stands for the others in the same way
     * [MQTT-3.8.3-3]. A shared subscription is one subscriber, whoever its members are and whatever
     * else they subscribe to.
     *
     * @param topicName a valid topic name
     * @return only to be read; it never changes
     */
    public Subscription[] match(String topicName) {
        Matches matches = new Matches();
        collect(root, topicName, 0, matches);
        return matches.count() == 0 ? NONE : matches.collapsed();
    }

    /** Collects what matches from a node on, the levels before {@code from} having led to it. */
    private static void collect(Node start, String topic, int from, Matches matches) {
        Node node = start;
        int at = from;
        while (true) {
            // [MQTT-4.7.2-1]: what begins with $ is not matched by a wildcard in the first level.
            boolean wildcards = at > 0 || !topic.startsWith("$");
            matches.add(wildcards ? node.below : null);
            if (at > topic.length()) {
                matches.add(node.exact);
                return;
            }
            int end = Levels.end(topic, at);
            Node named = node.child(topic, at, end);
            Node plus = wildcards ? node.plus : null;
            if (named != null && plus != null) {
                collect(plus, topic, end + 1, matches);
            }
            Node next = named != null ? named : plus;
            if (next == null) {
                return;
            }
            node = next;
            at = end + 1;
        }
    }

    /** The node that holds a filter's subscribers, with the nodes on the way there. */
    private Node nodeFor(TopicFilter filter) {
        String text = filter.text();
        Node node = root;
        for (int from = filter.start(); from <= text.length(); ) {
            int end = Levels.end(text, from);
            if (Levels.is('#', text, from, end)) {
                return node;
            }
            Node next = node.next(text, from, end);
            node = next != null ? next : node.grow(levelNames.of(text, from, end));
            from = end + 1;
        }
        return node;
    }

    private @Nullable Node findNode(TopicFilter filter) {
        String text = filter.text();
        Node node = root;
        for (int from = filter.start(); from <= text.length(); ) {
            int end = Levels.end(text, from);
            if (Levels.is('#', text, from, end)) {
                return node;
            }
            node = node.next(text, from, end);
            if (node == null) {
                return null;
            }
            from = end + 1;
        }
        return node;
    }

    /** Cuts off a node and those above it, as far as they hold nothing. */
    private static void prune(Node leaf) {
        Node node = leaf;
        while (node.parent != null && node.isBare()) {
            Node parent = node.parent;
            if (parent.plus == node) {
                parent.plus = null;
            } else {
                parent.removeChild(node);
            }
            node = parent;
        }
    }

    /** A level of one filter or of many. */
    static final class Node extends LevelNode<Node> {

        /** For the level {@code +}. */
        private volatile @Nullable Node plus;

        /** Who subscribed to the filter that ends with this node. */
        private volatile @Nullable SubscriberSet exact;

        /** Who subscribed to the filter that ends with {@code #} after this node. */
        private volatile @Nullable SubscriberSet below;

        Node(String level, @Nullable Node parent) {
            super(level, parent);
        }

        boolean isBare() {
            return exact == null && below == null && plus == null && children() == null;
        }

        private @Nullable Node next(String filter, int from, int to) {
            return Levels.is('+', filter, from, to) ? plus : child(filter, from, to);
        }

        private Node grow(String nextLevel) {
            Node node = new Node(nextLevel, this);
            if (nextLevel.equals("+")) {
                plus = node;
            } else {
                addChild(node);
            }
            return node;
        }

        private boolean add(Subscription subscription) {
            boolean multiLevel = subscription.filter().endsMultiLevel();
            SubscriberSet before = multiLevel ? below : exact;
            SubscriberSet after =
                    before == null ? SubscriberSet.of(subscription) : before.with(subscription);
            put(multiLevel, after);
            return before == null || after.size() > before.size();
        }

        private boolean remove(TopicFilter filter, Subscriber subscriber) {
            boolean multiLevel = filter.endsMultiLevel();
            SubscriberSet before = multiLevel ? below : exact;
            SubscriberSet after = before == null ? null : before.without(subscriber);
            put(multiLevel, after);
            return after != before;
        }

        private void put(boolean multiLevel, @Nullable SubscriberSet subscribers) {
            if (multiLevel) {
                below = subscribers;
            } else {
                exact = subscribers;
            }
        }
    }
}
