package io.muster.broker.conformance;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.util.stream.Stream;

/** MQTT 5.0 packets as the tests of this kit write them, and the answers that they expect. */
public final class Wire {

    public static final int PUBLISH = 3;
    public static final int PUBACK = 4;
    public static final int PUBREC = 5;
    public static final int PUBREL = 6;
    public static final int PUBCOMP = 7;
    public static final int SUBACK = 9;
    public static final int UNSUBACK = 11;
    public static final int DISCONNECT = 14;
    public static final int AUTH = 15;

    private Wire() {}

    /** PUBACK, PUBREC, PUBREL or PUBCOMP in its long form. */
    public static byte[] acknowledge(int type, int packetId, int reason, byte[]... properties) {
        return Packets.packet(
                (type << 4) | (type == PUBREL ? 2 : 0),
                Packets.u16(packetId),
                new byte[] {(byte) reason},
                Packets.properties(properties));
    }

    /** Reason codes as a table of a test has them, for example {@code 81/82}. */
    public static int[] reasons(String table) {
        return Stream.of(table.split("/")).mapToInt(code -> Integer.parseInt(code, 16)).toArray();
    }

    /** The next packet, which is of this type and all of whose flags are as they must be. */
    public static RawClient.Packet expect(RawClient client, int type) {
        RawClient.Packet packet = client.read();
        assertThat(packet.type()).as("type of %s", packet.hex()).isEqualTo(type);
        if (type != PUBLISH) {
            int flags = packet.firstByte() & 0xF;
            assertThat(flags).as("flags of %s", packet.hex()).isEqualTo(type == PUBREL ? 2 : 0);
        }
        return packet;
    }

    /** The next packet acknowledges this packet identifier, with one of these reason codes. */
    public static RawClient.Packet expectAcknowledge(
            RawClient client, int type, int packetId, int... reasons) {
        RawClient.Packet packet = expect(client, type);
        assertThat(packet.packetId()).as("identifier in %s", packet.hex()).isEqualTo(packetId);
        assertThat(reasons).as("reason in %s", packet.hex()).contains(packet.reason());
        return packet;
    }

    /** The broker says DISCONNECT with one of these reasons, and closes. */
    public static RawClient.Packet expectDisconnect(RawClient client, int... reasons) {
        RawClient.Packet packet = expect(client, DISCONNECT);
        assertThat(reasons).as("reason in %s", packet.hex()).contains(packet.reason());
        client.expectClosed();
        return packet;
    }

    /**
     * This packet ends the connection with one of these reasons. A PINGREQ follows in the same
     * segment, so that a broker that lets the packet pass answers something else at once.
     */
    public static RawClient.Packet expectRefused(RawClient client, byte[] packet, int... reasons) {
        client.send(packet, Packets.PINGREQ);
        return expectDisconnect(client, reasons);
    }

    /** Publishes, and waits until the broker has taken it over. The client has packet 1 free. */
    public static void publish(RawClient client, int flags, String topic, String payload) {
        publish(client, flags, topic, Packets.NO_PROPERTIES, payload);
    }

    /** Publishes with properties, and waits until the broker has taken it over. */
    public static void publish(
            RawClient client, int flags, String topic, byte[] properties, String payload) {
        if ((flags & (QOS_1 | QOS_2)) == 0) {
            byte[] plain = Packets.publish5(topic, properties, payload);
            plain[0] |= (byte) flags;
            client.send(plain).expectNothing();
            return;
        }
        client.send(Packets.publish5(flags, 1, topic, properties, payload));
        if ((flags & QOS_1) != 0) {
            expectAcknowledge(client, PUBACK, 1, 0x00, 0x10);
            return;
        }
        expectAcknowledge(client, PUBREC, 1, 0x00, 0x10);
        client.send(Packets.pubrel(1));
        expectAcknowledge(client, PUBCOMP, 1, 0x00);
    }
}
