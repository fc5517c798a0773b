package io.muster.broker.protocol.decode;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The topics that came over one connection of late, found by their bytes: a topic that comes again
 * is neither checked nor decoded again, and is the same object. Each has one place, given by its
 * bytes; another with the same place drives it out.
 *
 * <p>Confined to the connection's loop.
 */
public final class TopicTexts {

    /** A power of two. */
    private static final int PLACES = 16;

    /** Longer topics are not remembered, so that a connection does not own much memory. */
    private static final int BYTES_MAX = 256;

    private @Nullable Entry @Nullable [] entries;

    @SuppressWarnings("ArrayRecordComponent") // Never compared, and changed by nobody.
    private record Entry(byte[] bytes, String text) {}

    String read(FieldReader fields, ByteBuf in) {
        byte[] bytes = fields.binary(in, "topic name");
        if (bytes.length > BYTES_MAX) {
            return decode(fields, bytes);
        }
        @Nullable Entry[] places = entries;
        if (places == null) {
            places = new Entry[PLACES];
            entries = places;
        }
        int hash = Arrays.hashCode(bytes);
        int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
        Entry entry = places[place];
        if (entry == null || !Arrays.equals(entry.bytes, bytes)) {
            entry = new Entry(bytes, decode(fields, bytes));
            places[place] = entry;
        }
        return entry.text;
    }

    private static String decode(FieldReader fields, byte[] bytes) {
        fields.check(bytes, "topic name");
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
