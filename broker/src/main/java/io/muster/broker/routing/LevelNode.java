package io.muster.broker.routing;

import org.jspecify.annotations.Nullable;

/**
 * A node of a tree whose edges are topic levels. Shared: any thread reads, one at a time writes, as
 * its owner sees to. A writer publishes each change by one volatile write, so a reader sees a child
 * or does not, but never half of one.
 *
 * @param <N> the kind of node
 */
abstract class LevelNode<N extends LevelNode<N>> {

    final String level;
    final @Nullable N parent;
    private volatile @Nullable Children<N> children;

    LevelNode(String level, @Nullable N parent) {
        this.level = level;
        this.parent = parent;
    }

    /** The children; null if there are none. */
    final @Nullable Children<N> children() {
        return children;
    }

    /** The child for the level {@code from..to} of a text, or null. */
    final @Nullable N child(String text, int from, int to) {
        Children<N> current = children;
        return current == null ? null : current.get(text, from, to);
    }

    /** Adds a child, for a level that has none. Only for the writer. */
    final void addChild(N child) {
        Children<N> current = children;
        children = current == null ? new Children.Few<>(child, null) : current.with(child);
    }

    /** Takes a child out. Only for the writer. */
    final void removeChild(N child) {
        Children<N> current = children;
        if (current != null) {
            children = current.without(child);
        }
    }
}
