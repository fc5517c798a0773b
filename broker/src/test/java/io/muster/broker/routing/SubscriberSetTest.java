package io.muster.broker.routing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.muster.broker.message.Qos;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubscriberSetTest {

    private final List<Recorder> subscribers =
            IntStream.range(0, 1_200).mapToObj(i -> new Recorder("client-" + i)).toList();

    /** A set as it was at some time, and what it must go on to show. */
    private record Snapshot(SubscriberSet set, Map<Subscriber, Subscription> content) {

        void check() {
            assertThat(set.size()).isEqualTo(content.size());
            assertThat(set.array()).hasSize(content.size());
            assertThat(Set.of(set.array())).isEqualTo(Set.copyOf(content.values()));
        }
    }

    /** Walks up and down through all sizes, across the borders of forms and chunks. */
    @Property(tries = 100)
    void behavesLikeAMapAndNeverChangesWhatItShows(@ForAll long seed) {
        Random random = new Random(seed);
        Map<Subscriber, Subscription> model = new HashMap<>();
        List<Snapshot> snapshots = new ArrayList<>();
        @Nullable SubscriberSet set = null;
        int target = 0;
        for (int step = 0; step < 3_000; step++) {
            if (step % 500 == 0) {
                target = random.nextInt(3) == 0 ? random.nextInt(50) : random.nextInt(1_200);
            }
            Recorder subscriber = subscribers.get(random.nextInt(subscribers.size()));
            boolean join = random.nextInt(10) < (model.size() < target ? 8 : 2);
            set = join ? join(set, subscriber, random, model) : leave(set, subscriber, model);
            if (set != null && random.nextInt(30) == 0) {
                snapshots.add(new Snapshot(set, Map.copyOf(model)));
            }
        }
        snapshots.forEach(Snapshot::check);
        for (Subscriber subscriber : List.copyOf(model.keySet())) {
            set = leave(set, subscriber, model);
        }
        assertThat(set).isNull();
    }

    private static SubscriberSet join(
            @Nullable SubscriberSet set,
            Recorder subscriber,
            Random random,
            Map<Subscriber, Subscription> model) {
        Subscription subscription = subscriber.to("a", Qos.of(random.nextInt(3)));
        model.put(subscriber, subscription);
        return set == null ? SubscriberSet.of(subscription) : set.with(subscription);
    }

    private static @Nullable SubscriberSet leave(
            @Nullable SubscriberSet set,
            Subscriber subscriber,
            Map<Subscriber, Subscription> model) {
        if (set == null) {
            return null;
        }
        SubscriberSet after = set.without(subscriber);
        if (model.remove(subscriber) == null) {
            assertThat(after).isSameAs(set);
        }
        return after;
    }

    @Test
    void letsOneJoinAndLeaveAMultitudeWithoutCopyingIt() {
        int multitude = 100_000;
        SubscriberSet set = SubscriberSet.of(subscribers.get(0).to("a"));
        for (int i = 1; i < multitude; i++) {
            set = set.with(new Recorder("another").to("a"));
        }
        long before = allocatedBytes();
        for (int i = 1; i <= 1_000; i++) {
            set = set.with(subscribers.get(i).to("a"));
        }
        for (int i = 1; i <= 1_000; i++) {
            set = requireNonNull(set.without(subscribers.get(i)));
        }
        long bytesPerChange = (allocatedBytes() - before) / 2_000;

        assertThat(set.size()).isEqualTo(multitude);
        assertThat(bytesPerChange).as("the references alone are 400,000").isLessThan(20_000);
    }

    private static long allocatedBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
