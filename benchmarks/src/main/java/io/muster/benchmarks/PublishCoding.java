package io.muster.benchmarks;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.decode.PublishPacket;
import io.muster.broker.protocol.decode.TopicTexts;
import io.muster.broker.protocol.packet.PublishEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A PUBLISH of MQTT 3.1.1, out of the received bytes and into those that are sent. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PublishCoding {

    private static final String TOPIC = "devices/one/telemetry";
    private static final int LEVEL = 4;
    private static final int HEADER_BYTES = 2;
    private static final int QOS_1 = 0x32;

    private final FieldReader fields = new FieldReader(true);
    private final TopicTexts topics = new TopicTexts();
    private final ByteBuf received = PooledByteBufAllocator.DEFAULT.directBuffer();
    private final PublishEncoder encoder = new PublishEncoder(false, Integer.MAX_VALUE, 0);
    private final ByteBuf sent = PooledByteBufAllocator.DEFAULT.directBuffer(1024);
    private final Message message =
            Message.of(
                    TOPIC,
                    Payload.of(new byte[WirePackets.PAYLOAD_BYTES]),
                    Qos.AT_MOST_ONCE,
                    false);

    /** Receives the packet. */
    public PublishCoding() {
        ByteBuffer packet = WirePackets.publish(TOPIC, 1, 1);
        received.writeBytes(packet.position(HEADER_BYTES));
    }

    /** A topic that came before, as most do. */
    @Benchmark
    public PublishPacket decode() {
        return PublishPacket.read(fields, topics, LEVEL, QOS_1, received.readerIndex(0));
    }

    /** Appends to the buffer of a turn. */
    @Benchmark
    public ByteBuf encode() {
        encoder.publish(sent.clear(), message, false, SubscriptionIdentifiers.NONE, 0);
        return sent;
    }

    /** Gives the buffers back. */
    @TearDown
    public void close() {
        received.release();
        sent.release();
    }
}
