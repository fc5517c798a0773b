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
 * <p>While reading is off nothing is handed over. The socket is left alone only once it has brought
 * something meanwhile, for most pauses are over before that: what waits here is no more than two
 * reads of the socket bring.
 *
 * <p>A packet that the receiver does not take yet is <em>held</em>, and those behind it with it, in
 * their order, until {@link #goOn}. Reading goes on meanwhile, for some packets go past those that
 * are held: a client that waits as a publisher is still heard as a subscriber. It ends when as many
 * bytes are held as may be; then the client is slowed by TCP.
 *
 * <p>Confined to the channel's loop.
 */
final class PacketSplitter extends ChannelInboundHandlerAdapter {

    private static final int LENGTH_BYTES_MAX = 4;
    private static final int INCOMPLETE = -1;

    /** Usually held at most: enough for what clients send that wait for acknowledgements. */
    static final int HELD_BYTES_MAX = 64 << 10;

    private final int listenerBytesMax;
    private int packetBytesMax;
    private @Nullable PacketReceiver receiver;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf waiting;
    private @Nullable ByteBuf held;

    /** Whether the first of the held packets may not go on yet. */
    private boolean holding;

    /** Whether as much is held as may be. */
    private boolean full;

    private int heldBytesMax = HELD_BYTES_MAX;
    private boolean wanted = true;
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
        inactive.fireChannelInactive(); // first, for the receiver may want what is held
        release();
    }

    private void release() {
        gone = true;
        if (!splitting) {
            tidy();
        }
    }

    private void tidy() {
        waiting = own(kept(waiting));
        held = kept(held);
    }

    /** What others hold too, such as what a loop reads into, is not kept, but copied. */
    private @Nullable ByteBuf own(@Nullable ByteBuf buffer) {
        if (buffer == null || buffer.refCnt() == 1) {
            return buffer;
        }
        ByteBuf copy = Objects.requireNonNull(context).alloc().buffer(buffer.readableBytes());
        copy.writeBytes(buffer);
        buffer.release();
        return copy;
    }

    private @Nullable ByteBuf kept(@Nullable ByteBuf buffer) {
        if (buffer != null && (gone || !buffer.isReadable())) {
            buffer.release();
            return null;
        }
        return buffer;
    }

    /** Turns reading on or off. */
    void setReading(boolean isWanted) {
        wanted = isWanted;
        if (isWanted) {
            applyReading();
            resume();
        }
    }

    /** Whether what comes is handed over, or held. */
    boolean isReading() {
        return wanted && !full;
    }

    private void applyReading() {
        Objects.requireNonNull(context).channel().config().setAutoRead(isReading());
    }

    /** Whether a packet is held. */
    boolean isHolding() {
        return holding;
    }

    /** How much may be held from now on; more may be held already. */
    void heldBytesMax(int bytes) {
        heldBytesMax = bytes;
        resume();
    }

    /** What is held is handed in again. */
    void goOn() {
        holding = false;
        resume();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        if (splitting) {
            // Whoever reads within a packet must not change the buffer under it.
            reading.executor().execute(() -> channelRead(reading, message));
            return;
        }
        if (!wanted) {
            applyReading();
        }
        ByteBuf in = (ByteBuf) message;
        boolean isKept = false;
        try {
            complete(in);
            if (in.isReadable()) {
                isKept = waiting == null;
                waiting = waiting == null ? in : extended(waiting, in, in.readableBytes());
                resume();
            }
        } finally {
            if (!isKept) {
                in.release();
            }
        }
    }

    /**
     * Gives a packet that has begun to come what it lacks, and no more, as the rest needs no copy.
     */
    private void complete(ByteBuf in) {
        while (waiting != null && in.isReadable()) {
            int lacking = Math.min(lacking(waiting), in.readableBytes());
            if (lacking == 0) {
                return;
            }
            waiting = extended(waiting, in, lacking);
            resume();
        }
    }

    /** How many bytes the first packet lacks, as far as that can be told. */
    private static int lacking(ByteBuf packet) {
        int start = packet.readerIndex();
        int lengthBytes = lengthBytes(packet, start + 1);
        if (lengthBytes == INCOMPLETE) {
            return 1;
        }
        if (lengthBytes > LENGTH_BYTES_MAX) {
            return 0;
        }
        int end = start + 1 + lengthBytes + length(packet, start + 1, lengthBytes);
        return Math.max(0, end - packet.writerIndex());
    }

    /** What came before, with some bytes more; the buffer before, if it can grow. */
    private ByteBuf extended(ByteBuf before, ByteBuf in, int bytes) {
        if (!before.isReadOnly() && before.maxWritableBytes() >= bytes) {
            return before.discardSomeReadBytes().writeBytes(in, bytes);
        }
        ByteBuf longer =
                Objects.requireNonNull(context).alloc().buffer(before.readableBytes() + bytes);
        longer.writeBytes(before).writeBytes(in, bytes);
        before.release();
        return longer;
    }

    /** Goes on with what has come. */
    void resume() {
        if ((waiting == null && held == null) || splitting || context == null || receiver == null) {
            return;
        }
        splitting = true;
        try {
            boolean isNext = held == null || splitHeld(held);
            if (waiting != null && isNext) {
                split(waiting);
            }
        } finally {
            splitting = false;
            tidy();
        }
    }

    /** Hands over what was held; whether what came behind it is next. */
    private boolean splitHeld(ByteBuf in) {
        while (in.isReadable() && wanted && !holding) {
            splitOne(in);
        }
        noteFull(holding && in.readableBytes() >= heldBytesMax);
        return holding || !in.isReadable();
    }

    private void split(ByteBuf in) {
        while (in.isReadable() && isReading()) {
            if (broken) {
                in.skipBytes(in.readableBytes());
            } else if (!splitOne(in)) {
                return;
            }
        }
    }

    /** Hands over one packet, or holds it; false if it has not all come. */
    private boolean splitOne(ByteBuf in) {
        int start = in.readerIndex();
        if (!holding && !Objects.requireNonNull(receiver).begins(in.getUnsignedByte(start))) {
            broken = true;
            return true;
        }
        int lengthBytes = lengthBytes(in, start + 1);
        if (lengthBytes == INCOMPLETE) {
            return false;
        }
        int length = lengthBytes > LENGTH_BYTES_MAX ? 0 : length(in, start + 1, lengthBytes);
        String violation = lengthViolation(length, lengthBytes);
        boolean isTooLarge = 1L + lengthBytes + length > packetBytesMax;
        if (holding && (violation != null || isTooLarge)) {
            noteFull(true); // its turn comes
            return false;
        }
        if (violation != null) {
            violate(ReasonCode.MALFORMED_PACKET, violation);
            return true;
        }
        if (isTooLarge) {
            violate(ReasonCode.PACKET_TOO_LARGE, "packet larger than allowed [MQTT-3.2.2-15]");
            return true;
        }
        int end = start + 1 + lengthBytes + length;
        if (end > in.writerIndex()) {
            return false;
        }
        if (holding && !Objects.requireNonNull(receiver).overtakes(in.getUnsignedByte(start))) {
            hold(in, end - start);
        } else {
            handOver(in, start, start + 1 + lengthBytes, end);
        }
        return true;
    }

    private void hold(ByteBuf in, int length) {
        ByteBuf packets = held;
        if (packets == null) {
            packets = Objects.requireNonNull(context).alloc().buffer(length);
            held = packets;
        }
        packets.discardSomeReadBytes().writeBytes(in, length);
        if (packets.readableBytes() >= heldBytesMax) {
            noteFull(true);
        }
    }

    private void noteFull(boolean isFull) {
        if (full != isFull) {
            full = isFull;
            applyReading();
        }
    }

    private void handOver(ByteBuf in, int start, int bodyStart, int end) {
        int firstByte = in.getUnsignedByte(start);
        int written = in.writerIndex();
        boolean isDone = true;
        // The body ends where the packet ends, so that nobody reads into the next one.
        in.readerIndex(bodyStart).writerIndex(end);
        try {
            isDone = Objects.requireNonNull(receiver).receive(firstByte, in);
        } finally {
            in.writerIndex(written).readerIndex(isDone ? end : start);
            holding |= !isDone;
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
