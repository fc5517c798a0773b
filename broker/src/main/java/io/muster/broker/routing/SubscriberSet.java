package io.muster.broker.routing;

import java.util.Arrays;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions to one filter, never empty, one for each subscriber. Written by one thread at a
 * time, which puts what {@link #with} and {@link #without} return in its place; once that has been
 * published by a volatile write, any thread reads it. What readers see of one set never changes.
 *
 * <p>Small sets are copied on each change. Large ones share chunks with the set they were made
 * from, so joining or leaving 100,000 others costs a few hundred references, never 100,000, and no
 * search. The whole array is put together by the first reader that asks for it, and kept. When
 * changes and messages alternate it is put together for each message, at some nanoseconds for a
 * subscriber: next to handing the message to each of them, that is little.
 */
abstract class SubscriberSet {

    /** Up to this size a set is one array. */
    static final int SMALL_MAX = 32;

    static SubscriberSet of(Subscription subscription) {
        return new Small(new Subscription[] {subscription});
    }

    abstract int size();

    /** All subscriptions, in no particular order; only to be read. */
    abstract Subscription[] array();

    /** With this subscription added, or in the place of its subscriber's present one. */
    abstract SubscriberSet with(Subscription subscription);

    /**
     * Without the subscription of this subscriber; this same set if it has none, null if none is
     * left.
     */
    abstract @Nullable SubscriberSet without(Subscriber subscriber);

    /** One array, copied on each change. */
    private static final class Small extends SubscriberSet {

        private final Subscription[] subscriptions;

        Small(Subscription[] subscriptions) {
            this.subscriptions = subscriptions;
        }

        @Override
        int size() {
            return subscriptions.length;
        }

        @Override
        Subscription[] array() {
            return subscriptions;
        }

        @Override
        SubscriberSet with(Subscription subscription) {
            int index = indexOf(subscription.subscriber());
            if (index < 0 && subscriptions.length == SMALL_MAX) {
                return Large.of(subscriptions).with(subscription);
            }
            int size = subscriptions.length;
            Subscription[] copy = Arrays.copyOf(subscriptions, index < 0 ? size + 1 : size);
            copy[index < 0 ? size : index] = subscription;
            return new Small(copy);
        }

        @Override
        @Nullable SubscriberSet without(Subscriber subscriber) {
            int index = indexOf(subscriber);
            if (index < 0) {
                return this;
            }
            int last = subscriptions.length - 1;
            if (last == 0) {
                return null;
            }
            Subscription[] copy = Arrays.copyOf(subscriptions, last);
            if (index < last) {
                copy[index] = subscriptions[last];
            }
            return new Small(copy);
        }

        private int indexOf(Subscriber subscriber) {
            for (int i = 0; i < subscriptions.length; i++) {
                if (subscriptions[i].subscriber() == subscriber) {
                    return i;
                }
            }
            return -1;
        }
    }

    /**
     * Chunks of equal length, all but the last full. A chunk that a published set shows is changed
     * only behind the end of what any published set shows of it: there a new subscription is put in
     * place. Every other change copies the chunks that it touches. That is why removing copies the
     * last chunk too: else the next one to join would overwrite what older sets still show.
     */
    private static final class Large extends SubscriberSet {

        private static final int CHUNK = 256;

        private final Subscription[][] chunks;
        private final int size;

        /** Where each subscriber is; shared with the sets before, and for the writer only. */
        private final IdentityHashMap<Subscriber, Integer> indexes;

        private volatile Subscription @Nullable [] array;

        private Large(
                Subscription[][] chunks, int size, IdentityHashMap<Subscriber, Integer> indexes) {
            this.chunks = chunks;
            this.size = size;
            this.indexes = indexes;
        }

        static Large of(Subscription[] subscriptions) {
            IdentityHashMap<Subscriber, Integer> indexes = new IdentityHashMap<>(2 * SMALL_MAX);
            for (int i = 0; i < subscriptions.length; i++) {
                indexes.put(subscriptions[i].subscriber(), i);
            }
            Subscription[][] chunks = {Arrays.copyOf(subscriptions, CHUNK)};
            return new Large(chunks, subscriptions.length, indexes);
        }

        @Override
        int size() {
            return size;
        }

        @Override
        Subscription[] array() {
            Subscription[] present = array;
            if (present == null) {
                // Several readers may do this at once, with the same result.
                present = new Subscription[size];
                for (int from = 0; from < size; from += CHUNK) {
                    int length = Math.min(CHUNK, size - from);
                    System.arraycopy(chunks[from / CHUNK], 0, present, from, length);
                }
                array = present;
            }
            return present;
        }

        @Override
        SubscriberSet with(Subscription subscription) {
            Integer index = indexes.putIfAbsent(subscription.subscriber(), size);
            if (index != null) {
                Subscription[][] copy = withOwnChunk(chunks.clone(), index);
                copy[index / CHUNK][index % CHUNK] = subscription;
                return new Large(copy, size, indexes);
            }
            Subscription[][] roomy = chunks;
            if (size == chunks.length * CHUNK) {
                roomy = Arrays.copyOf(chunks, chunks.length + 1);
                roomy[chunks.length] = new Subscription[CHUNK];
            }
            roomy[size / CHUNK][size % CHUNK] = subscription;
            return new Large(roomy, size + 1, indexes);
        }

        @Override
        SubscriberSet without(Subscriber subscriber) {
            Integer index = indexes.remove(subscriber);
            if (index == null) {
                return this;
            }
            int last = size - 1;
            int lastChunk = last / CHUNK;
            Subscription[][] copy = withOwnChunk(chunks.clone(), last);
            Subscription moved = copy[lastChunk][last % CHUNK];
            copy[lastChunk][last % CHUNK] = null;
            if (index < last) {
                if (index / CHUNK != lastChunk) {
                    withOwnChunk(copy, index);
                }
                copy[index / CHUNK][index % CHUNK] = moved;
                indexes.put(moved.subscriber(), index);
            }
            Subscription[][] kept = last % CHUNK == 0 ? Arrays.copyOf(copy, lastChunk) : copy;
            Large smaller = new Large(kept, last, indexes);
            return last > SMALL_MAX / 2 ? smaller : new Small(smaller.array());
        }

        private static Subscription[][] withOwnChunk(Subscription[][] copy, int index) {
            copy[index / CHUNK] = copy[index / CHUNK].clone();
            return copy;
        }
    }
}
