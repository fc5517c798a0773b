package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The many packets that a connection sends, collected for each turn, and the packet identifiers in
 * use. Confined to the connection's event loop.
 *
 * <p>They are collected in an array, to which single bytes are written faster than to a buffer of
 * Netty, and copied into such a one at the end of the turn.
 */
final class OutgoingPackets {

    static final int PUBREC = 0x50;
    static final int PUBREL = 0x62;
    static final int PUBACK = 0x40;
    static final int PUBCOMP = 0x70;

    /** The largest packet identifier. */
    static final int IDENTIFIER_MAX = 65_535;

    private static final int IDENTIFIER_TURN = 1024;
    private static final int LENGTH_BYTES_MAX = 4;

    /** A turn's packets of a busy connection fit; many idle ones together do not take too much. */
    private static final int KEPT_BYTES_MAX = 8 * 1024;

    private static final int PUBLISH = 0x30;
    private static final int RETAIN = 1;

    private final boolean version5;
    private final BitSet identifiersInUse = new BitSet();
    private int nextIdentifier = 1;
    private byte[] bytes = {};
    private int end;
    private String lastTopic = "";
    private byte[] lastTopicBytes = {};

    OutgoingPackets(boolean version5) {
        this.version5 = version5;
    }

    void publish(String topic, ByteBuf payload, int qos, boolean retain) {
        byte[] topicBytes = encoded(topic);
        int payloadBytes = payload.readableBytes();
        int remaining =
                2 + topicBytes.length + (qos > 0 ? 2 : 0) + (version5 ? 1 : 0) + payloadBytes;
        makeRoom(1 + LENGTH_BYTES_MAX + remaining);
        put(PUBLISH | (qos << 1) | (retain ? RETAIN : 0));
        putLength(remaining);
        putShort(topicBytes.length);
        System.arraycopy(topicBytes, 0, bytes, end, topicBytes.length);
        end += topicBytes.length;
        if (qos > 0) {
            putShort(takeIdentifier());
        }
        if (version5) {
            // No properties.
            put(0);
        }
        payload.getBytes(payload.readerIndex(), bytes, end, payloadBytes);
        end += payloadBytes;
    }

    /** Most connections publish to one topic again and again. */
    private byte[] encoded(String topic) {
        if (!topic.equals(lastTopic)) {
            lastTopic = topic;
            lastTopicBytes = topic.getBytes(StandardCharsets.UTF_8);
        }
        return lastTopicBytes;
    }

    void acknowledge(int firstByte, int identifier) {
        makeRoom(4);
        put(firstByte);
        put(2);
        putShort(identifier);
    }

    /** Frees a packet identifier; false if it was not in use. */
    boolean complete(int identifier) {
        boolean inUse = identifiersInUse.get(identifier);
        identifiersInUse.clear(identifier);
        return inUse;
    }

    /** How many were appended. */
    int length() {
        return end;
    }

    /** Hands over what was appended; null if nothing was. */
    @Nullable ByteBuf take(ByteBufAllocator allocator) {
        if (end == 0) {
            return null;
        }
        ByteBuf taken = allocator.directBuffer(end, end).writeBytes(bytes, 0, end);
        clear();
        return taken;
    }

    /** Forgets what was appended, and gives its memory back if it is much. */
    void clear() {
        end = 0;
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[0];
        }
    }

    /**
     * The publisher keeps at most 65,535 in flight, so one is free. They are taken in turn, but
     * from a short range as long as that suffices, which keeps the set of those in use small.
     */
    private int takeIdentifier() {
        int identifier = identifiersInUse.nextClearBit(nextIdentifier);
        if (identifier > IDENTIFIER_MAX) {
            identifier = identifiersInUse.nextClearBit(1);
        }
        identifiersInUse.set(identifier);
        nextIdentifier = identifier < IDENTIFIER_TURN ? identifier + 1 : 1;
        return identifier;
    }

    private void makeRoom(int wanted) {
        if (bytes.length - end < wanted) {
            bytes = Arrays.copyOf(bytes, Math.max(end + wanted, 2 * end));
        }
    }

    private void put(int value) {
        bytes[end++] = (byte) value;
    }

    private void putShort(int value) {
        put(value >>> 8);
        put(value);
    }

    private void putLength(int length) {
        int rest = length;
        while (rest > 0x7f) {
            put((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        put(rest);
    }
}
