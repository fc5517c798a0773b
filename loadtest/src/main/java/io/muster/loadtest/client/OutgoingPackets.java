package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The many packets that a connection sends, appended to one buffer for each turn, and the packet
 * identifiers in use. Confined to the connection's event loop.
 */
final class OutgoingPackets {

    static final int PUBREC = 0x50;
    static final int PUBREL = 0x62;
    static final int PUBACK = 0x40;
    static final int PUBCOMP = 0x70;

    /** The largest packet identifier. */
    static final int IDENTIFIER_MAX = 65_535;

    private static final int IDENTIFIER_TURN = 1024;
    private static final int PUBLISH = 0x30;
    private static final int RETAIN = 1;

    private final boolean version5;
    private final BitSet identifiersInUse = new BitSet();
    private int nextIdentifier = 1;
    private @Nullable ByteBuf buffer;
    private String lastTopic = "";
    private byte[] lastTopicBytes = {};

    OutgoingPackets(boolean version5) {
        this.version5 = version5;
    }

    void publish(
            ByteBufAllocator allocator, String topic, ByteBuf payload, int qos, boolean retain) {
        byte[] topicBytes = encoded(topic);
        int payloadBytes = payload.readableBytes();
        int remaining =
                2 + topicBytes.length + (qos > 0 ? 2 : 0) + (version5 ? 1 : 0) + payloadBytes;
        ByteBuf to = buffer(allocator);
        to.writeByte(PUBLISH | (qos << 1) | (retain ? RETAIN : 0));
        writeLength(to, remaining);
        to.writeShort(topicBytes.length);
        to.writeBytes(topicBytes);
        if (qos > 0) {
            to.writeShort(takeIdentifier());
        }
        if (version5) {
            // No properties.
            to.writeByte(0);
        }
        if (payload.hasArray()) {
            // Netty would make a buffer of NIO out of it first.
            to.writeBytes(
                    payload.array(), payload.arrayOffset() + payload.readerIndex(), payloadBytes);
        } else {
            to.writeBytes(payload, payload.readerIndex(), payloadBytes);
        }
    }

    /** Most connections publish to one topic again and again. */
    private byte[] encoded(String topic) {
        if (!topic.equals(lastTopic)) {
            lastTopic = topic;
            lastTopicBytes = topic.getBytes(StandardCharsets.UTF_8);
        }
        return lastTopicBytes;
    }

    void acknowledge(ByteBufAllocator allocator, int firstByte, int identifier) {
        buffer(allocator).writeByte(firstByte).writeByte(2).writeShort(identifier);
    }

    /** Frees a packet identifier; false if it was not in use. */
    boolean complete(int identifier) {
        boolean inUse = identifiersInUse.get(identifier);
        identifiersInUse.clear(identifier);
        return inUse;
    }

    int bytes() {
        return buffer == null ? 0 : buffer.readableBytes();
    }

    /** Hands over what was appended; null if nothing was. */
    @Nullable ByteBuf take() {
        ByteBuf taken = buffer;
        buffer = null;
        return taken;
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

    private ByteBuf buffer(ByteBufAllocator allocator) {
        ByteBuf current = buffer;
        if (current == null) {
            current = allocator.buffer();
            buffer = current;
        }
        return current;
    }

    private static void writeLength(ByteBuf to, int length) {
        int rest = length;
        while (rest > 0x7f) {
            to.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        to.writeByte(rest);
    }
}
