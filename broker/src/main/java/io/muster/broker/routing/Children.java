package io.muster.broker.routing;

import io.muster.broker.topic.Levels;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The children of a node, never empty, found by their level. Most nodes of a topic tree have one
 * child, a few have a million; each has its own form. Written by one thread at a time, which puts
 * what {@link #with} and {@link #without} return in its place; read by any thread at any time.
 */
interface Children<N extends LevelNode<N>> extends Iterable<N> {

    /** The child for the level {@code from..to} of a text, or null. */
    @Nullable N get(String text, int from, int to);

    /** With one child more, of a level that is not there yet. */
    Children<N> with(N child);

    /** Without a child that is there; null if none is left. */
    @Nullable Children<N> without(N child);

    /** Each child; of those that come or go meanwhile, some. */
    @Override
    Iterator<N> iterator();

    /** A few children: an immutable list, 24 bytes for each, no hashing. */
    record Few<N extends LevelNode<N>>(N child, @Nullable Few<N> rest) implements Children<N> {

        private static final int SIZE_MAX = 8;

        @Override
        public @Nullable N get(String text, int from, int to) {
            for (Few<N> at = this; at != null; at = at.rest) {
                String level = at.child.level;
                if (Levels.equal(text, from, to, level, 0, level.length())) {
                    return at.child;
                }
            }
            return null;
        }

        @Override
        public Children<N> with(N added) {
            return size() < SIZE_MAX ? new Few<>(added, this) : new Many<>(this, added);
        }

        private int size() {
            int size = 0;
            for (Few<N> at = this; at != null; at = at.rest) {
                size++;
            }
            return size;
        }

        @Override
        public @Nullable Few<N> without(N removed) {
            if (child == removed) {
                return rest;
            }
            return new Few<>(child, rest == null ? null : rest.without(removed));
        }

        @Override
        public Iterator<N> iterator() {
            return new Iterator<>() {
                private @Nullable Few<N> at = Few.this;

                @Override
                public boolean hasNext() {
                    return at != null;
                }

                @Override
                public N next() {
                    Few<N> here = at;
                    if (here == null) {
                        throw new NoSuchElementException();
                    }
                    at = here.rest;
                    return here.child;
                }
            };
        }
    }

    /**
     * Many children: a concurrent hash map, changed in place. It does not go back to the other form
     * when it shrinks, for it may grow again; only when its last child leaves is it dropped. Its
     * bins turn into trees where many levels have one hash code, so nobody gains by choosing them.
     */
    final class Many<N extends LevelNode<N>> implements Children<N> {

        private final ConcurrentHashMap<String, N> nodes = new ConcurrentHashMap<>();

        Many(Few<N> few, N added) {
            few.forEach(this::with);
            with(added);
        }

        @Override
        public @Nullable N get(String text, int from, int to) {
            return nodes.get(text.substring(from, to));
        }

        @Override
        public Children<N> with(N child) {
            nodes.put(child.level, child);
            return this;
        }

        @Override
        public @Nullable Children<N> without(N child) {
            nodes.remove(child.level, child);
            return nodes.isEmpty() ? null : this;
        }

        @Override
        public Iterator<N> iterator() {
            return nodes.values().iterator();
        }
    }
}
