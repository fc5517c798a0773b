package io.muster.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Packets of an MQTT 3.1.1 client, encoded once and sent as often as wanted. */
final class WirePackets {

    /** What most of the figures in the documentation are for. */
    static final int PAYLOAD_BYTES = 64;

    private static final int LENGTH_BYTES_MAX = 4;

    private WirePackets() {}

    static ByteBuffer connect(String clientIdentifier) {
        ByteBuffer body = ByteBuffer.allocate(256);
        text(body, "MQTT");
        body.put((byte) 4).put((byte) 2).putShort((short) 0); // level, clean session, keep alive
        text(body, clientIdentifier);
        return packet(0x10, body);
    }

    static ByteBuffer subscribe(String filter, int qos) {
        ByteBuffer body = ByteBuffer.allocate(256).putShort((short) 1);
        text(body, filter);
        body.put((byte) qos);
        return packet(0x82, body);
    }

    /** So many PUBLISH packets, one after the other; their packet identifiers begin with 1. */
    static ByteBuffer publishes(String topic, int qos, int count) {
        ByteBuffer one = publish(topic, qos, count);
        ByteBuffer all = ByteBuffer.allocateDirect(count * one.limit());
        for (int packetId = 1; packetId <= count; packetId++) {
            all.put(publish(topic, qos, packetId));
        }
        return all.flip();
    }

    static ByteBuffer publish(String topic, int qos, int packetId) {
        ByteBuffer body = ByteBuffer.allocate(512);
        text(body, topic);
        if (qos > 0) {
            body.putShort((short) packetId);
        }
        body.put(new byte[PAYLOAD_BYTES]);
        return packet(0x30 | (qos << 1), body);
    }

    private static void text(ByteBuffer body, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        body.putShort((short) bytes.length).put(bytes);
    }

    private static ByteBuffer packet(int firstByte, ByteBuffer body) {
        body.flip();
        ByteBuffer packet =
                ByteBuffer.allocateDirect(1 + LENGTH_BYTES_MAX + body.limit())
                        .put((byte) firstByte);
        int length = body.limit();
        while (length > 0x7F) {
            packet.put((byte) (length | 0x80));
            length >>= 7;
        }
        return packet.put((byte) length).put(body).flip();
    }
}
