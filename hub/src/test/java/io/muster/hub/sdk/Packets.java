package io.muster.hub.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Packets of MQTT 3.1.1 as the SDKs write them: nothing that none of them does. */
public final class Packets {

    static final byte[] PINGREQ = {(byte) 0xC0, 0};
    static final byte[] DISCONNECT = {(byte) 0xE0, 0};

    /** User name, password, clean session. */
    public static final int CLEAN = 0xC2;

    /** User name, password. */
    public static final int LASTING = 0xC0;

    private Packets() {}

    public static byte[] connect(
            int flags, int keepAlive, String clientId, String username, String password) {
        return packet(
                0x10,
                text("MQTT"),
                new byte[] {4, (byte) flags},
                u16(keepAlive),
                text(clientId),
                text(username),
                text(password));
    }

    public static byte[] subscribe(int packetId, String filter, int qos) {
        return packet(0x82, u16(packetId), text(filter), new byte[] {(byte) qos});
    }

    /** To many at once. */
    public static byte[] subscribe(int packetId, List<String> filters, int qos) {
        byte[] options = {(byte) qos};
        byte[][] entries =
                filters.stream().map(each -> join(text(each), options)).toArray(byte[][]::new);
        return packet(0x82, u16(packetId), join(entries));
    }

    static byte[] unsubscribe(int packetId, String filter) {
        return packet(0xA2, u16(packetId), text(filter));
    }

    /** With QoS 1. */
    public static byte[] publish(int packetId, String topic, String payload) {
        return packet(0x32, text(topic), u16(packetId), payload.getBytes(UTF_8));
    }

    /** With QoS 0. */
    public static byte[] publish(String topic, String payload) {
        return packet(0x30, text(topic), payload.getBytes(UTF_8));
    }

    public static byte[] puback(int packetId) {
        return packet(0x40, u16(packetId));
    }

    private static byte[] u16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return join(u16(bytes.length), bytes);
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] packet(int firstByte, byte[]... parts) {
        byte[] body = join(parts);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(firstByte);
        int rest = body.length;
        do {
            int digit = rest & 0x7F;
            rest >>= 7;
            packet.write(rest > 0 ? digit | 0x80 : digit);
        } while (rest > 0);
        packet.writeBytes(body);
        return packet.toByteArray();
    }
}
