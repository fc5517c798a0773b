package io.muster.broker.routing;

import io.muster.broker.message.Message;
import io.muster.broker.routing.RetainedMessages.Node;
import io.muster.broker.topic.Levels;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A walk through the tree of retained messages along one filter, a few levels at a time. It holds
 * one place for each level of the tree, however many messages match.
 *
 * <p>Confined to one thread; the tree may change meanwhile.
 */
final class RetainedWalk implements RetainedMessages.Matches {

    /** Levels looked at in one go, so that a filter that matches nothing stops nobody. */
    static final int LOOKED_AT_MAX = 500;

    /** Behind a {@code #}, where everything matches. */
    private static final int REST = -1;

    private final RetainedMessages retained;
    private final String filter;
    private final long mark;
    private final Deque<Place> places = new ArrayDeque<>(4);

    /** Looked for before it is asked for, so that the end is seen with the last message. */
    private @Nullable Message ahead;

    /**
     * Where the walk goes on.
     *
     * @param nodes those that are still to be looked at
     * @param from where the part of the filter begins that their children are to match
     */
    private record Place(Iterator<Node> nodes, int from) {}

    RetainedWalk(RetainedMessages retained, String filter, long mark, long nowMillis) {
        this.retained = retained;
        this.filter = filter;
        this.mark = mark;
        places.push(new Place(List.of(retained.root).iterator(), 0));
        ahead = find(nowMillis);
    }

    @Override
    public @Nullable Message next(long nowMillis) {
        Message found = ahead == null ? find(nowMillis) : ahead;
        ahead = found == null ? null : find(nowMillis);
        return found;
    }

    @Override
    public boolean isOver() {
        return ahead == null && places.isEmpty();
    }

    private @Nullable Message find(long nowMillis) {
        for (int looked = 0; looked < LOOKED_AT_MAX && !places.isEmpty(); looked++) {
            Place place = places.element();
            if (!place.nodes.hasNext()) {
                places.pop();
                continue;
            }
            Node node = place.nodes.next();
            Node match = isHidden(node) ? null : enter(node, place.from);
            if (match != null && !retained.removeIfExpired(match, nowMillis)) {
                Message message = match.messageUpTo(mark);
                if (message != null) {
                    return message;
                }
            }
        }
        return null;
    }

    /** Wildcards do not stand for it [MQTT-4.7.2-1]. */
    private static boolean isHidden(Node node) {
        return node.parent != null && node.parent.parent == null && node.level.startsWith("$");
    }

    /** Follows the filter to its next wildcard, or to its end; the node that matches, if any. */
    private @Nullable Node enter(Node start, int from) {
        if (from == REST) {
            pushChildren(start, REST);
            return start;
        }
        Node node = start;
        int at = from;
        while (node != null && at <= filter.length()) {
            int end = Levels.end(filter, at);
            if (Levels.is('#', filter, at, end)) {
                pushChildren(node, REST);
                return node;
            }
            if (Levels.is('+', filter, at, end)) {
                pushChildren(node, end + 1);
                return null;
            }
            node = node.child(filter, at, end);
            at = end + 1;
        }
        return node;
    }

    private void pushChildren(Node node, int from) {
        Children<Node> children = node.children();
        if (children != null) {
            places.push(new Place(children.iterator(), from));
        }
    }
}
