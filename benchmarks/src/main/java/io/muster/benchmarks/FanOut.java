package io.muster.benchmarks;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From one publisher to many subscribers through a running broker; figures are for one delivery.
 */
@State(Scope.Benchmark)
@OperationsPerInvocation(FanOut.SUBSCRIBERS * FanOut.MESSAGES)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOut {

    static final int SUBSCRIBERS = 50;
    static final int MESSAGES = 20;

    private static final String TOPIC = "news/all/devices";

    private final RunningBroker broker = RunningBroker.start(1);
    private final WireClient publisher = broker.connect("publisher");
    private final List<WireClient> subscribers =
            IntStream.range(0, SUBSCRIBERS)
                    .mapToObj(i -> broker.connect("subscriber" + i))
                    .toList();
    private final ByteBuffer qos0 = WirePackets.publishes(TOPIC, 0, MESSAGES);
    private final ByteBuffer qos1 = WirePackets.publishes(TOPIC, 1, MESSAGES);

    /** Starts the broker and connects the clients. */
    public FanOut() {
        subscribers.forEach(subscriber -> subscriber.subscribe(TOPIC, 1));
    }

    /** QoS 0. */
    @Benchmark
    public void qos0() {
        publisher.send(qos0);
        awaitDeliveries();
    }

    /** QoS 1: each subscriber acknowledges. */
    @Benchmark
    public void qos1() {
        publisher.send(qos1);
        awaitDeliveries();
        publisher.await(WireClient.PUBACK, MESSAGES);
    }

    private void awaitDeliveries() {
        for (int i = 0; i < SUBSCRIBERS; i++) {
            subscribers.get(i).await(WireClient.PUBLISH, MESSAGES);
        }
    }

    /** Stops everything. */
    @TearDown
    public void close() {
        publisher.close();
        subscribers.forEach(WireClient::close);
        broker.close();
    }
}
