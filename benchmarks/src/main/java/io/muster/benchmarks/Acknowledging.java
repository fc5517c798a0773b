package io.muster.benchmarks;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.session.memory.MemorySession;
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

/** What a session notes of a message until it is acknowledged; twenty others are under way. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Acknowledging {

    private static final int UNDER_WAY = 20;
    private static final int PACKET_ID_MAX = 65_535;

    private final MemorySession session = new MemorySession("benchmark", 1, 1);
    private final Delivery delivery =
            new Delivery(
                    Message.of("t", Payload.EMPTY, Qos.EXACTLY_ONCE, false),
                    Qos.EXACTLY_ONCE,
                    false,
                    SubscriptionIdentifiers.NONE,
                    null);
    private int oldest = 1;
    private int received = UNDER_WAY;

    /** Sends and receives what is under way. */
    public Acknowledging() {
        for (int i = 1; i <= UNDER_WAY; i++) {
            session.send(delivery);
            session.receive(i);
        }
    }

    private static int after(int packetId) {
        return packetId % PACKET_ID_MAX + 1;
    }

    /** One is sent, and the oldest acknowledged. */
    @Benchmark
    public int sent() {
        int packetId = session.send(delivery);
        session.complete(oldest);
        oldest = after(oldest);
        return packetId;
    }

    /** One of QoS 2 is received, and the oldest released. */
    @Benchmark
    public boolean received() {
        received = after(received);
        session.receive(received);
        return session.releaseReceived(
                (received + PACKET_ID_MAX - UNDER_WAY - 1) % PACKET_ID_MAX + 1);
    }
}
