package io.muster.broker.routing;

import io.muster.broker.message.SubscriptionIdentifiers;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sets of subscribers that one walk through the tree found, made into one array. Confined to
 * the walk. Where one set was found, its own array is the answer and nothing is copied.
 */
final class Matches {

    /** Up to so many subscriptions, comparing each with each is cheaper than hashing. */
    private static final int SCAN_MAX = 16;

    private SubscriberSet[] sets = new SubscriberSet[2];
    private int count;

    void add(@Nullable SubscriberSet set) {
        if (set == null) {
            return;
        }
        if (count == sets.length) {
            sets = Arrays.copyOf(sets, 2 * count);
        }
        sets[count++] = set;
    }

    /** How many sets were found. */
    int count() {
        return count;
    }

    /** The subscriptions of all sets, one for each subscriber. There must be a set. */
    Subscription[] collapsed() {
        if (count == 1) {
            return sets[0].array();
        }
        int total = 0;
        int largest = 0;
        for (int i = 0; i < count; i++) {
            total += sets[i].size();
            largest = sets[i].size() > sets[largest].size() ? i : largest;
        }
        return total <= SCAN_MAX ? collapsedByScan(total) : collapsedByHash(largest);
    }

    private Subscription[] collapsedByScan(int total) {
        Subscription[] result = new Subscription[total];
        int size = 0;
        for (int i = 0; i < count; i++) {
            for (Subscription subscription : sets[i].array()) {
                int at = indexOf(subscription.subscriber(), result, size);
                if (at < 0) {
                    result[size++] = subscription;
                } else {
                    result[at] = collapse(result[at], subscription);
                }
            }
        }
        return size == total ? result : Arrays.copyOf(result, size);
    }

    private static int indexOf(Subscriber subscriber, Subscription[] array, int size) {
        for (int i = 0; i < size; i++) {
            if (array[i].subscriber() == subscriber) {
                return i;
            }
        }
        return -1;
    }

    /** Hashes all but the largest set: most often a few observers beside a multitude. */
    private Subscription[] collapsedByHash(int largest) {
        IdentityHashMap<Subscriber, Subscription> others = new IdentityHashMap<>();
        for (int i = 0; i < count; i++) {
            if (i != largest) {
                for (Subscription subscription : sets[i].array()) {
                    others.merge(subscription.subscriber(), subscription, Matches::collapse);
                }
            }
        }
        Subscription[] multitude = sets[largest].array();
        Subscription[] result = Arrays.copyOf(multitude, multitude.length + others.size());
        for (int i = 0; i < multitude.length && !others.isEmpty(); i++) {
            Subscription other = others.remove(multitude[i].subscriber());
            if (other != null) {
                result[i] = collapse(multitude[i], other);
            }
        }
        int size = multitude.length;
        for (Subscription subscription : others.values()) {
            result[size++] = subscription;
        }
        return size == result.length ? result : Arrays.copyOf(result, size);
    }

    /** One of two subscriptions of a subscriber, as {@link TopicTree#match} says. */
    private static Subscription collapse(Subscription a, Subscription b) {
        Subscription chosen = isPreferred(b, a) ? b : a;
        boolean noLocal = a.noLocal() || b.noLocal();
        Subscription own = noLocal ? collapseOwn(a.forOwn(), b.forOwn()) : null;
        SubscriptionIdentifiers identifiers = a.identifiers().with(b.identifiers());
        if (chosen.noLocal() == noLocal
                && Objects.equals(chosen.own(), own)
                && identifiers.size() == chosen.identifiers().size()) {
            return chosen;
        }
        return new Subscription(
                chosen.filter(),
                chosen.subscriber(),
                chosen.qos(),
                noLocal,
                chosen.retainAsPublished(),
                identifiers,
                own);
    }

    /** The same of those that do not leave the subscriber's own messages out [MQTT-3.8.3-3]. */
    private static @Nullable Subscription collapseOwn(
            @Nullable Subscription a, @Nullable Subscription b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return collapse(a, b);
    }

    private static boolean isPreferred(Subscription a, Subscription b) {
        int order = a.qos().compareTo(b.qos());
        return order > 0 || (order == 0 && a.retainAsPublished() && !b.retainAsPublished());
    }
}
