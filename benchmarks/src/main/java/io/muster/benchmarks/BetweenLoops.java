package io.muster.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
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
 * From a publisher on one event loop of a running broker to a subscriber on another; figures are
 * for one message.
 */
@State(Scope.Benchmark)
@OperationsPerInvocation(BetweenLoops.MESSAGES)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BetweenLoops {

    static final int MESSAGES = 100;

    private static final String TOPIC = "devices/one/telemetry";

    private final RunningBroker broker = RunningBroker.start(2);
    private final WireClient publisher = broker.connect("publisher");
    private final WireClient subscriber = broker.connect("subscriber");
    private final ByteBuffer qos0 = WirePackets.publishes(TOPIC, 0, MESSAGES);
    private final ByteBuffer qos1 = WirePackets.publishes(TOPIC, 1, MESSAGES);

    /** Starts the broker and connects both clients. */
    public BetweenLoops() {
        subscriber.subscribe(TOPIC, 1);
    }

    /** QoS 0. */
    @Benchmark
    public void qos0() {
        publisher.send(qos0);
        subscriber.await(WireClient.PUBLISH, MESSAGES);
    }

    /** QoS 1. */
    @Benchmark
    public void qos1() {
        publisher.send(qos1);
        subscriber.await(WireClient.PUBLISH, MESSAGES);
        publisher.await(WireClient.PUBACK, MESSAGES);
    }

    /** Stops everything. */
    @TearDown
    public void close() {
        publisher.close();
        subscriber.close();
        broker.close();
    }
}
