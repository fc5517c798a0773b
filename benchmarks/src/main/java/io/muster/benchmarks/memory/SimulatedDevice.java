package io.muster.benchmarks.memory;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A device that follows from its number: its keys, its secret, and the packets of MQTT 3.1.1 that
 * it sends. Nothing of it is kept.
 *
 * @param number 0 or more
 */
record SimulatedDevice(int number) {

    private static final int PRODUCTS = 10;
    private static final int PACKET_BYTES_MAX = 512;
    private static final int CLEAN_SESSION_WITH_NAME_AND_PASSWORD = 0xC2;

    /** Longer than any measurement takes, so that nobody need send PINGREQ. */
    private static final int KEEP_ALIVE_SECONDS = 3_600;

    /** A product key of 8 characters, a device key of 12. */
    DeviceId id() {
        return new DeviceId(
                "product%d".formatted(number % PRODUCTS), "device%06x".formatted(number));
    }

    /** A secret as long as one that the registry generates. */
    Secret secret() {
        return Secret.of("secret%014d".formatted(number));
    }

    String filter() {
        return "/sys/%s/thing/service/+".formatted(id());
    }

    /** A topic that its filter matches, and no other device's. */
    String topic() {
        return "/sys/%s/thing/service/set".formatted(id());
    }

    byte[] connect() {
        SignedConnect signed =
                DeviceSignature.sign(id(), secret(), SignMethod.SHA256, "1700000000000");
        ByteBuffer body = ByteBuffer.allocate(PACKET_BYTES_MAX);
        text(body, "MQTT");
        body.put((byte) 4).put((byte) CLEAN_SESSION_WITH_NAME_AND_PASSWORD);
        body.putShort((short) KEEP_ALIVE_SECONDS);
        text(body, signed.clientId());
        text(body, signed.username());
        text(body, signed.password());
        return packet(0x10, body);
    }

    byte[] subscribe() {
        ByteBuffer body = ByteBuffer.allocate(PACKET_BYTES_MAX).putShort((short) 1);
        text(body, filter());
        body.put((byte) 1);
        return packet(0x82, body);
    }

    private static void text(ByteBuffer body, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        body.putShort((short) bytes.length).put(bytes);
    }

    private static byte[] packet(int firstByte, ByteBuffer body) {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES_MAX).put((byte) firstByte);
        int length = body.flip().limit();
        while (length > 0x7F) {
            packet.put((byte) (length | 0x80));
            length >>= 7;
        }
        packet.put((byte) length).put(body);
        return Arrays.copyOf(packet.array(), packet.position());
    }
}
