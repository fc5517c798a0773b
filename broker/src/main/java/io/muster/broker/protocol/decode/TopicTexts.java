package io.muster.broker.protocol.decode;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The topics that came over one connection of late, found by their bytes: a topic that comes again
 * is neither checked nor decoded again, and is the same object. Each has one place, given by its
 * bytes; another with the same place drives it out.
 *
 * <p>Confined to the connection's loop.
 */
public final class TopicTexts {

    private static final int PLACE_BITS = 4;

    /** Longer topics are not remembered, so that a connection does not own much memory. */
    private static final int BYTES_MAX = 256;

    private static final String FIELD = "topic name";

    /** A factor that spreads what differs over the top of the product: 2^64 by the golden ratio. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** Eight bytes of an array as {@link ByteBuf#getLong} reads them. */
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private @Nullable Entry @Nullable [] entries;

    /** Reads a topic. Only one that is not remembered is copied out of the packet. */
    String read(FieldReader fields, ByteBuf in) {
        int length = fields.length(in, FIELD);
        if (length > BYTES_MAX) {
            return decode(fields, fields.bytes(in, length));
        }
        @Nullable Entry[] places = entries;
        if (places == null) {
            places = new Entry[1 << PLACE_BITS];
            entries = places;
        }
        int place = place(in, in.readerIndex(), length);
        Entry entry = places[place];
        if (entry != null && entry.isNext(in, length)) {
            in.skipBytes(length);
            return entry.text;
        }
        byte[] bytes = fields.bytes(in, length);
        String text = decode(fields, bytes);
        places[place] = new Entry(bytes, text);
        return text;
    }

    /** By all bytes; eight at a time, since each look into the buffer is checked. */
    private static int place(ByteBuf in, int start, int length) {
        long hash = length;
        int at = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            hash = 31 * hash + in.getLong(start + at);
        }
        for (; at < length; at++) {
            hash = 31 * hash + in.getByte(start + at);
        }
        // A product carries upwards only, so what is above must be brought down first.
        hash = (hash ^ (hash >>> Integer.SIZE)) * SPREAD;
        return (int) (hash >>> (Long.SIZE - PLACE_BITS));
    }

    private static String decode(FieldReader fields, byte[] bytes) {
        fields.check(bytes, FIELD);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A topic as it came, and as it is meant. */
    private static final class Entry {

        private final byte[] bytes;
        private final String text;

        private Entry(byte[] bytes, String text) {
            this.bytes = bytes;
            this.text = text;
        }

        /** Whether the next {@code length} bytes are this topic. */
        private boolean isNext(ByteBuf in, int length) {
            if (length != bytes.length) {
                return false;
            }
            int start = in.readerIndex();
            int at = 0;
            for (; at <= length - Long.BYTES; at += Long.BYTES) {
                if ((long) LONGS.get(bytes, at) != in.getLong(start + at)) {
                    return false;
                }
            }
            for (; at < length; at++) {
                if (bytes[at] != in.getByte(start + at)) {
                    return false;
                }
            }
            return true;
        }
    }
}
