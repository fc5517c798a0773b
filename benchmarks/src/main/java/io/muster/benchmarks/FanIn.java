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
 * From many publishers, each with a topic of its own, to one subscriber with a wildcard; figures
 * are for one message.
 */
@State(Scope.Benchmark)
@OperationsPerInvocation(FanIn.PUBLISHERS * FanIn.MESSAGES)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanIn {

    static final int PUBLISHERS = 50;
    static final int MESSAGES = 20;

    private final RunningBroker broker = RunningBroker.start(1);
    private final WireClient subscriber = broker.connect("subscriber");
    private final List<WireClient> publishers =
            IntStream.range(0, PUBLISHERS).mapToObj(i -> broker.connect("publisher" + i)).toList();
    private final List<ByteBuffer> qos0 = publishes(0);
    private final List<ByteBuffer> qos1 = publishes(1);

    /** Starts the broker and connects the clients. */
    public FanIn() {
        subscriber.subscribe("devices/#", 1);
    }

    private static List<ByteBuffer> publishes(int qos) {
        return IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> WirePackets.publishes("devices/" + i + "/telemetry", qos, MESSAGES))
                .toList();
    }

    /** QoS 0. */
    @Benchmark
    public void qos0() {
        sendAll(qos0);
        subscriber.await(WireClient.PUBLISH, PUBLISHERS * MESSAGES);
    }

    /** QoS 1. */
    @Benchmark
    public void qos1() {
        sendAll(qos1);
        subscriber.await(WireClient.PUBLISH, PUBLISHERS * MESSAGES);
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.get(i).await(WireClient.PUBACK, MESSAGES);
        }
    }

    private void sendAll(List<ByteBuffer> packets) {
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.get(i).send(packets.get(i));
        }
    }

    /** Stops everything. */
    @TearDown
    public void close() {
        publishers.forEach(WireClient::close);
        subscriber.close();
        broker.close();
    }
}
