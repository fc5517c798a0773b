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

/** From one publisher to one subscriber through a running broker; figures are for one message. */
@State(Scope.Benchmark)
@OperationsPerInvocation(PointToPoint.MESSAGES)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PointToPoint {

    static final int MESSAGES = 100;

    private static final String TOPIC = "devices/one/telemetry";

    private final RunningBroker broker = RunningBroker.start(1);
    private final WireClient publisher = broker.connect("publisher");
    private final WireClient subscriber = broker.connect("subscriber");
    private final ByteBuffer qos0 = WirePackets.publishes(TOPIC, 0, MESSAGES);
    private final ByteBuffer qos1 = WirePackets.publishes(TOPIC, 1, MESSAGES);
    private final ByteBuffer qos2 = WirePackets.publishes(TOPIC, 2, MESSAGES);

    /** Starts the broker and connects both clients. */
    public PointToPoint() {
        subscriber.subscribe(TOPIC, 2);
    }

    /** QoS 0, with a client at each end. */
    @Benchmark
    public void qos0() {
        publisher.send(qos0);
        subscriber.await(WireClient.PUBLISH, MESSAGES);
    }

    /** QoS 1: four packets a message. */
    @Benchmark
    public void qos1() {
        publisher.send(qos1);
        subscriber.await(WireClient.PUBLISH, MESSAGES);
        publisher.await(WireClient.PUBACK, MESSAGES);
    }

    /** QoS 2: eight packets a message. */
    @Benchmark
    public void qos2() {
        publisher.send(qos2);
        subscriber.await(WireClient.PUBLISH, MESSAGES);
        publisher.await(WireClient.PUBCOMP, MESSAGES);
        subscriber.await(WireClient.PUBREL, MESSAGES);
    }

    /** Stops everything. */
    @TearDown
    public void close() {
        publisher.close();
        subscriber.close();
        broker.close();
    }
}
