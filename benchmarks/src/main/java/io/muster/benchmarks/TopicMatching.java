package io.muster.benchmarks;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.topic.TopicFilter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A walk through the topic tree: what a message costs whose route its publisher does not remember.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TopicMatching {

    private static final int DEVICES = 10_000;

    private final TopicTree tree = new TopicTree();
    private final String[] topics = new String[DEVICES];
    private int next;

    /** A tree of many devices, each with filters of its own, and one that observes all. */
    public TopicMatching() {
        for (int i = 0; i < DEVICES; i++) {
            Subscriber device = new Nobody();
            topics[i] = "sites/" + i % 100 + "/devices/" + i + "/commands";
            subscribe(topics[i], device);
            subscribe("sites/" + i % 100 + "/devices/" + i + "/config/#", device);
        }
    }

    private void subscribe(String filter, Subscriber subscriber) {
        tree.subscribe(
                Subscription.of(
                        TopicFilter.parse(filter),
                        subscriber,
                        new SubscriptionOptions(Qos.AT_LEAST_ONCE, false, false, 0)));
    }

    private String topic() {
        next = (next + 1) % DEVICES;
        return topics[next];
    }

    /** One subscriber, whose filter is the topic. */
    @Benchmark
    public Subscription[] exact() {
        return tree.match(topic());
    }

    /** Beside the device's own, filters with wildcards that match. */
    @State(Scope.Benchmark)
    public static class Observers {

        private final TopicMatching devices = new TopicMatching();

        /** Adds those who observe. */
        public Observers() {
            devices.subscribe("sites/#", new Nobody());
            devices.subscribe("sites/+/devices/+/commands", new Nobody());
        }
    }

    /** Three subscribers, of whom two have wildcards. */
    @Benchmark
    public Subscription[] withWildcards(Observers observers) {
        return observers.devices.exact();
    }

    /** A subscriber whom nothing reaches. */
    private static final class Nobody implements Subscriber {

        @Override
        public String clientIdentifier() {
            return "";
        }

        @Override
        public void deliver(Message message, Subscription subscription, boolean isAdmitted) {}

        @Override
        public boolean isConnected() {
            return false;
        }

        @Override
        public boolean hasRoomFor(Message message) {
            return true;
        }

        @Override
        public boolean hasCaughtUp() {
            return true;
        }

        @Override
        public int load() {
            return 0;
        }
    }
}
