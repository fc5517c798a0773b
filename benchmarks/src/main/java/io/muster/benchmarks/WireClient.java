package io.muster.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A client of MQTT 3.1.1 that costs little beside the broker: what it sends was encoded before, it
 * answers what needs an answer, and it allocates nothing once it is connected.
 *
 * <p>Confined to one thread, which waits for the socket.
 */
final class WireClient implements AutoCloseable {

    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int PUBREC = 5;
    static final int PUBREL = 6;
    static final int PUBCOMP = 7;
    static final int SUBACK = 9;

    private static final int PACKET_TYPES = 16;
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int PUBREL_FLAGS = 2;

    private final SocketChannel channel;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer answers = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** Packets that came and were not waited for yet, by type. */
    private final int[] arrived = new int[PACKET_TYPES];

    private WireClient(SocketChannel channel) {
        this.channel = channel;
    }

    static WireClient connect(InetSocketAddress address, String clientIdentifier) {
        try {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            WireClient client = new WireClient(channel);
            client.send(WirePackets.connect(clientIdentifier));
            client.await(CONNACK, 1);
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void subscribe(String filter, int qos) {
        send(WirePackets.subscribe(filter, qos));
        await(SUBACK, 1);
    }

    /** Sends all of {@code packets}, which may be sent again. */
    void send(ByteBuffer packets) {
        packets.rewind();
        try {
            while (packets.hasRemaining()) {
                channel.write(packets);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until {@code count} more packets of this type have come. */
    void await(int type, int count) {
        while (arrived[type] < count) {
            read();
        }
        arrived[type] -= count;
    }

    private void read() {
        try {
            if (channel.read(incoming) < 0) {
                throw new EOFException("the broker closed the connection");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        incoming.flip();
        answers.clear();
        int end = packetEnd();
        while (end > 0) {
            take(end);
            incoming.position(end);
            end = packetEnd();
        }
        incoming.compact();
        if (answers.flip().hasRemaining()) {
            send(answers);
        }
    }

    /** Where the packet at the buffer's position ends; 0 if it has not all come. */
    private int packetEnd() {
        int length = 0;
        int shift = 0;
        for (int at = incoming.position() + 1; at < incoming.limit(); at++) {
            int digit = incoming.get(at);
            length |= (digit & 0x7F) << shift;
            shift += 7;
            if (digit >= 0) {
                int end = at + 1 + length;
                return end <= incoming.limit() ? end : 0;
            }
        }
        return 0;
    }

    private void take(int end) {
        int firstByte = incoming.get();
        int type = (firstByte >> 4) & 0x0F;
        arrived[type]++;
        switch (type) {
            case PUBLISH -> answerPublish((firstByte >> 1) & 3);
            case PUBREC -> answer(PUBREL << 4 | PUBREL_FLAGS, incoming.getShort(end - 2));
            case PUBREL -> answer(PUBCOMP << 4, incoming.getShort(end - 2));
            default -> {}
        }
    }

    private void answerPublish(int qos) {
        if (qos == 0) {
            return;
        }
        while (incoming.get() < 0) {
            // Skips the length.
        }
        int topicLength = incoming.getShort();
        short packetId = incoming.getShort(incoming.position() + topicLength);
        answer((qos == 1 ? PUBACK : PUBREC) << 4, packetId);
    }

    private void answer(int firstByte, short packetId) {
        answers.put((byte) firstByte).put((byte) 2).putShort(packetId);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
