package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.topic.LevelNames;
import io.muster.broker.topic.Levels;
import io.muster.broker.topic.TopicFilter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last retained message of each topic [MQTT5 3.3.1.3], bounded by number and by bytes. Shared:
 * any thread may call anything; readers never wait, writers and subscribers that enter wait for
 * each other only, and for no longer than one message or subscription takes.
 *
 * <p>A tree by topic level like {@link TopicTree}, with the roles changed: here the topics are
 * stored and a filter is asked with. A reader sees each message that was there before it began and
 * was not replaced or removed before it came there.
 */
public final class RetainedMessages {

    /** What has become of a message that was to be stored. */
    public enum Outcome {
        /** It is kept, in the place of an older one if there was one. */
        STORED,
        /** It was empty, and the one kept for its topic is gone [MQTT-3.3.1-6]. */
        REMOVED,
        /** It was empty, and none was kept for its topic. */
        NOTHING_TO_REMOVE,
        /** There is no room for it. The older one of its topic is gone too: it would mislead. */
        FULL
    }

    /**
     * How a subscriber entered.
     *
     * @param isNew whether its subscription took no other's place
     * @param mark how many messages had been stored by then
     */
    public record Entry(boolean isNew, long mark) {}

    /**
     * A way through the retained messages that a subscriber is owed. Each is looked for when it is
     * asked for, so that a million of them take neither memory nor one long turn. Confined to one
     * thread.
     */
    public interface Matches {

        /**
         * The next message that has not expired; null if there is none, or none was found in a
         * short time: then it may be asked again.
         *
         * @param nowMillis the time, in milliseconds since 1970
         */
        @Nullable Message next(long nowMillis);

        /** Whether there is none left. */
        boolean isOver();
    }

    /** The heap that a message takes beside its contents, about. */
    private static final int BYTES_PER_MESSAGE = 160;

    /** The heap that a node of the tree takes, about. Topics that share a level share it. */
    private static final int BYTES_PER_NODE = 128;

    private final int messagesMax;
    private final long bytesMax;
    private final Object writing = new Object();

    /** Used under the lock. */
    private final LevelNames levelNames = new LevelNames();

    private final LongAdder refused = new LongAdder();
    final Node root = new Node("", null);
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /** How many messages have been stored so far. Under the lock. */
    private long stored;

    /** How many of the messages will expire one day; while it is zero there is nothing to sweep. */
    private final AtomicInteger expiring = new AtomicInteger();

    /**
     * Keeps nothing yet.
     *
     * @param messagesMax most messages to keep
     * @param bytesMax most bytes to keep, counted as {@link #bytes} does
     */
    public RetainedMessages(int messagesMax, long bytesMax) {
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
    }

    /**
     * Keeps a message in the place of the one kept for its topic [MQTT-3.3.1-5]; if it is empty,
     * only removes that one [MQTT-3.3.1-6], [MQTT-3.3.1-7].
     */
    public Outcome store(Message message) {
        synchronized (writing) {
            Node present = find(message.topic());
            Message older = present == null ? null : present.message;
            if (message.payload().isEmpty()) {
                remove(present, older);
                return older == null ? Outcome.NOTHING_TO_REMOVE : Outcome.REMOVED;
            }
            if (!hasRoomFor(message, older)) {
                remove(present, older);
                refused.increment();
                return Outcome.FULL;
            }
            Node node = present == null ? grow(message.topic()) : present;
            count(older, -1);
            count(message, 1);
            node.number = ++stored;
            node.message = message;
            return Outcome.STORED;
        }
    }

    /**
     * Lets a subscriber enter while no message is stored. What has been stored before is for it to
     * read by {@link #matches}; what is stored later is routed to it. So it gets the messages of
     * one publisher and topic in their order, whichever of the two ways each takes.
     *
     * @param subscribing adds the subscription; whether it is a new one
     */
    public Entry enter(BooleanSupplier subscribing) {
        synchronized (writing) {
            return new Entry(subscribing.getAsBoolean(), stored);
        }
    }

    /**
     * The messages whose topics match a filter, found one after the other as they are asked for.
     *
     * @param filter not a shared one: those get no retained messages [MQTT5 4.8.2]
     * @param mark leaves out what was stored later: see {@link #enter}
     * @param nowMillis the time, in milliseconds since 1970
     */
    public Matches matches(TopicFilter filter, long mark, long nowMillis) {
        return new RetainedWalk(this, filter.text(), mark, nowMillis);
    }

    /**
     * Drops what has expired. To be called now and then; takes a walk over all messages, unless
     * none of them ever expires.
     *
     * @param nowMillis the time, in milliseconds since 1970
     * @return how many were dropped
     */
    public int removeExpired(long nowMillis) {
        if (expiring.get() == 0) {
            return 0;
        }
        int[] removed = {0};
        visitAll(
                root,
                node -> {
                    if (removeIfExpired(node, nowMillis)) {
                        removed[0]++;
                    }
                });
        return removed[0];
    }

    /** How many messages are kept, with those that have expired and were not dropped yet. */
    public int size() {
        return size.get();
    }

    /**
     * The bytes of heap that the messages take, estimated: contents, and a fixed amount for each
     * message and each level that topics do not share, so that many tiny messages count for what
     * they cost. The levels of the last topic that came may exceed the limit.
     */
    public long bytes() {
        return bytes.get();
    }

    /** How many messages found no room so far. */
    public long refused() {
        return refused.sum();
    }

    /** Whether the message could be kept if it came now. */
    public boolean hasRoomFor(Message message) {
        synchronized (writing) {
            Node present = find(message.topic());
            return hasRoomFor(message, present == null ? null : present.message);
        }
    }

    private boolean hasRoomFor(Message message, @Nullable Message older) {
        int others = size.get() - (older == null ? 0 : 1);
        long otherBytes = bytes.get() - (older == null ? 0 : bytesOf(older));
        return others < messagesMax && otherBytes + bytesOf(message) <= bytesMax;
    }

    boolean removeIfExpired(Node node, long nowMillis) {
        Message message = node.message;
        if (message == null || !message.isExpired(nowMillis)) {
            return false;
        }
        synchronized (writing) {
            // Another one may have taken its place meanwhile.
            return message.equals(node.message) && remove(node, message);
        }
    }

    /** Takes a node's message out, if there is one; returns whether there was. */
    private boolean remove(@Nullable Node node, @Nullable Message message) {
        if (node == null || message == null) {
            return false;
        }
        node.message = null;
        count(message, -1);
        Node leaf = node;
        while (leaf.parent != null && leaf.isBare()) {
            leaf.parent.removeChild(leaf);
            bytes.addAndGet(-BYTES_PER_NODE);
            leaf = leaf.parent;
        }
        return true;
    }

    private void count(@Nullable Message message, int sign) {
        if (message == null) {
            return;
        }
        size.addAndGet(sign);
        bytes.addAndGet(sign * bytesOf(message));
        if (message.expiresAtMillis() != Message.NEVER) {
            expiring.addAndGet(sign);
        }
    }

    private @Nullable Node find(String topic) {
        Node node = root;
        for (int from = 0; node != null && from <= topic.length(); ) {
            int end = Levels.end(topic, from);
            node = node.child(topic, from, end);
            from = end + 1;
        }
        return node;
    }

    private Node grow(String topic) {
        Node node = root;
        for (int from = 0; from <= topic.length(); ) {
            int end = Levels.end(topic, from);
            Node next = node.child(topic, from, end);
            if (next == null) {
                next = new Node(levelNames.of(topic, from, end), node);
                node.addChild(next);
                bytes.addAndGet(BYTES_PER_NODE);
            }
            node = next;
            from = end + 1;
        }
        return node;
    }

    private static void visitAll(Node node, Consumer<Node> action) {
        action.accept(node);
        Children<Node> children = node.children();
        if (children != null) {
            children.forEach(child -> visitAll(child, action));
        }
    }

    private static long bytesOf(Message message) {
        return BYTES_PER_MESSAGE + message.bytes();
    }

    /** A level of one topic or of many. */
    static final class Node extends LevelNode<Node> {

        private volatile @Nullable Message message;

        /** How many messages had been stored when this one was. Written before it. */
        private volatile long number;

        Node(String level, @Nullable Node parent) {
            super(level, parent);
        }

        /** The message, if it was stored no later than {@code mark}. */
        @Nullable Message messageUpTo(long mark) {
            Message present = message;
            // If another one takes its place just now, the number is that one's, and larger.
            return number <= mark ? present : null;
        }

        boolean isBare() {
            return message == null && children() == null;
        }
    }
}
