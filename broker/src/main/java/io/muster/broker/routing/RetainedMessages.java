package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.topic.Levels;
import io.muster.broker.topic.TopicFilter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last retained message of each topic [MQTT5 3.3.1.3], bounded by number and by bytes. Shared:
 * any thread may call anything; readers never wait, writers wait for each other only, and for no
 * longer than one message takes.
 *
 * <p>A tree by topic level like {@link TopicTree}, with the roles changed: here the topics are
 * stored and a filter is asked with. A reader sees each message that was there before it began and
 * was not replaced; what comes or goes meanwhile it may see or not.
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

    /** The heap that a message takes beside its contents, about. */
    private static final int BYTES_PER_MESSAGE = 160;

    /** The heap that a node of the tree takes, about. Topics that share a level share it. */
    private static final int BYTES_PER_NODE = 128;

    private final int messagesMax;
    private final long bytesMax;
    private final Object writing = new Object();
    private final LongAdder refused = new LongAdder();
    final Node root = new Node("", null);
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

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
            node.message = message;
            return Outcome.STORED;
        }
    }

    /**
     * Hands over the messages whose topics match a filter, on the calling thread. Those that have
     * expired are left out, and dropped.
     *
     * @param filter not a shared one: those get no retained messages [MQTT5 4.8.2]
     * @param nowMillis the time, in milliseconds since 1970
     */
    public void forEachMatch(TopicFilter filter, long nowMillis, Consumer<Message> action) {
        visitMatches(
                root,
                filter.text(),
                0,
                node -> {
                    Message message = node.message;
                    if (message != null && !removeIfExpired(node, nowMillis)) {
                        action.accept(message);
                    }
                });
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

    private boolean removeIfExpired(Node node, long nowMillis) {
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
                next = new Node(topic.substring(from, end), node);
                node.addChild(next);
                bytes.addAndGet(BYTES_PER_NODE);
            }
            node = next;
            from = end + 1;
        }
        return node;
    }

    private static void visitMatches(Node start, String filter, int from, Consumer<Node> action) {
        Node node = start;
        int at = from;
        while (node != null && at <= filter.length()) {
            int end = Levels.end(filter, at);
            if (Levels.is('#', filter, at, end)) {
                action.accept(node);
                node.forEachWildcardChild(child -> visitAll(child, action));
                return;
            }
            if (Levels.is('+', filter, at, end)) {
                int next = end + 1;
                node.forEachWildcardChild(child -> visitMatches(child, filter, next, action));
                return;
            }
            node = node.child(filter, at, end);
            at = end + 1;
        }
        if (node != null) {
            action.accept(node);
        }
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

        Node(String level, @Nullable Node parent) {
            super(level, parent);
        }

        boolean isBare() {
            return message == null && children() == null;
        }

        /** The children that a wildcard stands for. */
        private void forEachWildcardChild(Consumer<Node> action) {
            Children<Node> children = children();
            if (children == null) {
                return;
            }
            children.forEach(
                    child -> {
                        // [MQTT-4.7.2-1]
                        if (parent != null || !child.level.startsWith("$")) {
                            action.accept(child);
                        }
                    });
        }
    }
}
