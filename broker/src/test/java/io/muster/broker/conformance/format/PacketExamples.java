package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;

import io.muster.broker.conformance.Property.Place;

/** One small packet of each kind that a client may send and that has properties. */
final class PacketExamples {

    private PacketExamples() {}

    /** The packet with these properties, right or wrong. */
    static byte[] with(Place place, byte[]... properties) {
        byte[] block = properties(properties);
        return switch (place) {
            case CONNECT -> around(block);
            case WILL ->
                    connect(5, "example")
                            .flags(0x04)
                            .payload(block, text("will"), text("gone"))
                            .bytes();
            case PUBLISH -> packet(0x30, text("t"), block);
            case PUBACK -> packet(0x40, u16(1), new byte[1], block);
            case PUBREC -> packet(0x50, u16(1), new byte[1], block);
            case PUBREL -> packet(0x62, u16(1), new byte[1], block);
            case PUBCOMP -> packet(0x70, u16(1), new byte[1], block);
            case SUBSCRIBE -> packet(0x82, u16(1), block, text("t"), new byte[1]);
            case UNSUBSCRIBE -> packet(0xA2, u16(1), block, text("t"));
            case DISCONNECT -> packet(0xE0, new byte[1], block);
            case AUTH -> packet(0xF0, bytes("18"), block);
            case CONNACK, SUBACK, UNSUBACK ->
                    throw new IllegalArgumentException("not sent by clients");
        };
    }

    private static byte[] around(byte[] block) {
        return packet(0x10, text("MQTT"), bytes("05 02 00 00"), block, text("example"));
    }
}
