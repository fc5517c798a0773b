package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;

/**
 * Finds the packets in the stream. The many ones go straight to the connection, without an object
 * made of each; the others to Netty's decoder. Confined to the event loop.
 */
final class PacketReader extends ByteToMessageDecoder {

    /** The largest packet that is taken. */
    static final int PACKET_BYTES_MAX = 2_000_000;

    private static final int LENGTH_BYTES_MAX = 4;
    private static final int PUBLISH = 3;
    private static final int PUBCOMP = 7;

    /** What is read at once at most. With the rest of a large packet before it, it may be more. */
    private static final int ARRAY_BYTES = 64 * 1024;

    private static final FastThreadLocal<ByteBuf> ARRAYS =
            new FastThreadLocal<>() {
                @Override
                protected ByteBuf initialValue() {
                    return Unpooled.buffer(ARRAY_BYTES, ARRAY_BYTES);
                }
            };

    private final NettyConnection connection;
    private final boolean version5;
    private long readNanos;

    PacketReader(NettyConnection connection, boolean version5) {
        this.connection = connection;
        this.version5 = version5;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
        // Once for all packets of a read: each had arrived by then.
        readNanos = System.nanoTime();
        super.channelRead(ctx, bytes);
    }

    /**
     * Takes the many packets in a loop of its own, which is cheaper than one call for each, and
     * from an array, which is cheaper to read from byte by byte.
     */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int bytes = in.readableBytes();
        if (bytes > ARRAY_BYTES) {
            takeMany(in, out);
            return;
        }
        ByteBuf copy = ARRAYS.get().clear().writeBytes(in, in.readerIndex(), bytes);
        try {
            takeMany(copy, out);
        } finally {
            in.skipBytes(copy.readerIndex());
        }
    }

    private void takeMany(ByteBuf in, List<Object> out) {
        while (in.isReadable() && takeOne(in, out)) {
            // Everything happens in the condition.
        }
    }

    /** Whether a packet was there that went straight to the connection. */
    private boolean takeOne(ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        int lengthBytes = lengthBytes(in, start + 1);
        if (lengthBytes == 0) {
            return false;
        }
        int firstByte = in.readUnsignedByte();
        int length = readLength(in);
        if (length > PACKET_BYTES_MAX) {
            throw malformed(
                    in, "a packet of %d bytes, more than %d".formatted(length, PACKET_BYTES_MAX));
        }
        if (in.readableBytes() < length) {
            in.readerIndex(start);
            return false;
        }
        if (isOneOfMany(firstByte)) {
            handOver(firstByte, in, length);
            return true;
        }
        in.readerIndex(start);
        out.add(in.readBytes(1 + lengthBytes + length));
        return false;
    }

    /** How many bytes the length has; 0 if it has not arrived in full. */
    private static int lengthBytes(ByteBuf in, int index) {
        for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
            if (index + i >= in.writerIndex()) {
                return 0;
            }
            if (in.getByte(index + i) >= 0) {
                return i + 1;
            }
        }
        throw malformed(in, "a length of more than four bytes");
    }

    /** Nothing behind a malformed packet can be read. */
    private static CorruptedFrameException malformed(ByteBuf in, String sentence) {
        in.skipBytes(in.readableBytes());
        return new CorruptedFrameException(sentence);
    }

    /** PUBLISH, PUBACK, PUBREC, PUBREL and PUBCOMP have types in a row. */
    private static boolean isOneOfMany(int firstByte) {
        int type = firstByte >> 4;
        return type >= PUBLISH && type <= PUBCOMP;
    }

    /** Ends the buffer for a moment where the packet ends, which is cheaper than a slice. */
    private void handOver(int firstByte, ByteBuf in, int length) {
        int filled = in.writerIndex();
        int end = in.readerIndex() + length;
        in.writerIndex(end);
        try {
            read(firstByte, in);
        } catch (IndexOutOfBoundsException e) {
            throw new CorruptedFrameException("a packet shorter than its fields say", e);
        } finally {
            in.writerIndex(filled).readerIndex(end);
        }
    }

    private void read(int firstByte, ByteBuf body) {
        if (firstByte >> 4 != PUBLISH) {
            int identifier = body.readUnsignedShort();
            // MQTT 5 only; left out when it is 0.
            int reasonCode = body.isReadable() ? body.readUnsignedByte() : 0;
            connection.acknowledged(firstByte, identifier, reasonCode);
            return;
        }
        int qos = (firstByte >> 1) & 3;
        body.skipBytes(body.readUnsignedShort());
        int identifier = qos > 0 ? body.readUnsignedShort() : 0;
        if (version5) {
            body.skipBytes(readLength(body));
        }
        connection.received(firstByte, identifier, body, readNanos);
    }

    /** A length of one to four bytes, seven bits in each. */
    private static int readLength(ByteBuf buffer) {
        int length = 0;
        int next = 0x80;
        for (int i = 0; i < LENGTH_BYTES_MAX && next > 0x7f; i++) {
            next = buffer.readUnsignedByte();
            length |= (next & 0x7f) << (7 * i);
        }
        return length;
    }
}
