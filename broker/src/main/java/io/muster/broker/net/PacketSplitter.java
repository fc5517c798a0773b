package io.muster.broker.net;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the packets in what a socket brings, and hands each to the receiver in its own bytes,
 * without a copy. Only a packet that has not all come is kept.
 *
 * <p>While reading is off nothing is handed over: what has come waits here, no more than one read
 * of the socket brings.
 *
 * <p>Confined to the channel's loop.
 */
final class PacketSplitter extends ChannelInboundHandlerAdapter {

    private static final int LENGTH_BYTES_MAX = 4;
    private static final int INCOMPLETE = -1;

    private final int listenerBytesMax;
    private int packetBytesMax;
    private @Nullable PacketReceiver receiver;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf waiting;
    private boolean shortestLengthOnly;
    private boolean padded;
    private boolean splitting;
    private boolean broken;
    private boolean gone;

    /**
     * A splitter without a receiver yet.
     *
     * @param packetBytesMax largest packet accepted, with its header
     */
    PacketSplitter(int packetBytesMax) {
        this.listenerBytesMax = packetBytesMax;
        this.packetBytesMax = packetBytesMax;
    }

    /** From now on {@code next} takes the packets of a connection that is not signed in. */
    void receiver(PacketReceiver next, int connectBytesMax) {
        this.receiver = next;
        this.packetBytesMax = Math.min(connectBytesMax, listenerBytesMax);
    }

    /**
     * From now on {@code next} takes the packets of a signed-in client.
     *
     * @param isVersion5 whether a length that takes more bytes than it needs is malformed, as MQTT
     *     5.0 has it and the versions before do not [MQTT-1.5.5-1]
     */
    void receiver(PacketReceiver next, boolean isVersion5) {
        this.receiver = next;
        this.packetBytesMax = listenerBytesMax;
        this.shortestLengthOnly = isVersion5;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        this.context = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        release();
        inactive.fireChannelInactive();
    }

    private void release() {
        gone = true;
        if (waiting != null && !splitting) {
            waiting.release();
            waiting = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        if (splitting) {
            // Whoever reads within a packet must not change the buffer under it.
            reading.executor().execute(() -> channelRead(reading, message));
            return;
        }
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = waiting;
        if (before == null) {
            waiting = in;
        } else {
            waiting = joined(reading, before, in);
        }
        resume();
    }

    private static ByteBuf joined(ChannelHandlerContext reading, ByteBuf before, ByteBuf in) {
        try {
            if (before.writableBytes() >= in.readableBytes() && !before.isReadOnly()) {
                return before.writeBytes(in);
            }
            int size = before.readableBytes() + in.readableBytes();
            ByteBuf joined = reading.alloc().buffer(size * 2);
            joined.writeBytes(before).writeBytes(in);
            before.release();
            return joined;
        } finally {
            in.release();
        }
    }

    /** Goes on with what has come. */
    void resume() {
        ByteBuf in = waiting;
        PacketReceiver taker = receiver;
        if (in == null || splitting || context == null || taker == null) {
            return;
        }
        splitting = true;
        try {
            split(in, context);
        } finally {
            splitting = false;
            if (gone || !in.isReadable()) {
                in.release();
                waiting = null;
            }
        }
    }

    private void split(ByteBuf in, ChannelHandlerContext reading) {
        while (in.isReadable() && reading.channel().config().isAutoRead()) {
            if (broken) {
                in.skipBytes(in.readableBytes());
            } else if (!splitOne(in)) {
                return;
            }
        }
    }

    /** Hands over one packet; false if it has not all come. */
    private boolean splitOne(ByteBuf in) {
        int start = in.readerIndex();
        if (!Objects.requireNonNull(receiver).begins(in.getUnsignedByte(start))) {
            broken = true;
            return true;
        }
        int lengthBytes = lengthBytes(in, start + 1);
        if (lengthBytes == INCOMPLETE) {
            return false;
        }
        int length = lengthBytes > LENGTH_BYTES_MAX ? 0 : length(in, start + 1, lengthBytes);
        String violation = lengthViolation(length, lengthBytes);
        if (violation != null) {
            violate(ReasonCode.MALFORMED_PACKET, violation);
            return true;
        }
        if (1L + lengthBytes + length > packetBytesMax) {
            violate(ReasonCode.PACKET_TOO_LARGE, "packet larger than allowed [MQTT-3.2.2-15]");
            return true;
        }
        int end = start + 1 + lengthBytes + length;
        if (end > in.writerIndex()) {
            return false;
        }
        handOver(in, start, start + 1 + lengthBytes, end);
        return true;
    }

    private void handOver(ByteBuf in, int start, int bodyStart, int end) {
        int firstByte = in.getUnsignedByte(start);
        int written = in.writerIndex();
        // The body ends where the packet ends, so that nobody reads into the next one.
        in.readerIndex(bodyStart).writerIndex(end);
        try {
            Objects.requireNonNull(receiver).receive(firstByte, in);
        } finally {
            in.writerIndex(written).readerIndex(end);
        }
    }

    /**
     * How many bytes the length at {@code at} takes [MQTT5 2.1.4]; more than four if it goes on.
     */
    private static int lengthBytes(ByteBuf in, int at) {
        for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
            if (at + i >= in.writerIndex()) {
                return INCOMPLETE;
            }
            if (in.getByte(at + i) >= 0) {
                return i + 1;
            }
        }
        return LENGTH_BYTES_MAX + 1;
    }

    private static int length(ByteBuf in, int at, int lengthBytes) {
        int value = 0;
        for (int i = 0; i < lengthBytes; i++) {
            value |= (in.getByte(at + i) & 0x7F) << (7 * i);
        }
        return value;
    }

    private @Nullable String lengthViolation(int length, int lengthBytes) {
        if (lengthBytes > LENGTH_BYTES_MAX) {
            return "remaining length has more than four bytes [MQTT5 1.5.5]";
        }
        padded = lengthBytes > 1 && length >> (7 * (lengthBytes - 1)) == 0;
        return padded && shortestLengthOnly
                ? "remaining length takes more bytes than it needs [MQTT-1.5.5-1]"
                : null;
    }

    /** Whether the length of the packet that is handed over takes more bytes than it needs. */
    boolean isPadded() {
        return padded;
    }

    private void violate(ReasonCode reason, String sentence) {
        broken = true;
        Objects.requireNonNull(receiver).violated(new ProtocolViolation(reason, sentence));
    }
}
