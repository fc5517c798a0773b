package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.binary;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;

import io.muster.broker.Packets;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** All fields of MQTT 5.0 packets from a client that are UTF-8 encoded strings. */
final class TextFields {

    private static final byte[] ONE_BYTE = {0};

    private TextFields() {}

    /**
     * A field.
     *
     * @param name what it is called in the specification
     * @param packet gives a packet with these bytes, right or wrong, as the field's text
     */
    record Field(String name, UnaryOperator<byte[]> packet) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Field> ofConnect() {
        return Stream.of(
                new Field(
                        "client identifier",
                        text -> packet(0x10, text("MQTT"), bytes("05 02 00 00 00"), binary(text))),
                new Field(
                        "will topic",
                        text ->
                                connect(5, "fields")
                                        .flags(0x04)
                                        .payload(ONE_BYTE, binary(text), text("gone"))
                                        .bytes()),
                new Field(
                        "user name",
                        text -> connect(5, "fields").flags(0x80).payload(binary(text)).bytes()),
                new Field("name of user property", text -> withProperty(pair(text, bytes("62")))),
                new Field("value of user property", text -> withProperty(pair(bytes("62"), text))),
                new Field("will content type", text -> withWill(property(0x03, text))),
                new Field("will response topic", text -> withWill(property(0x08, text))),
                new Field("name of will user property", text -> withWill(pair(text, bytes("62")))),
                new Field(
                        "value of will user property", text -> withWill(pair(bytes("62"), text))));
    }

    static Stream<Field> ofLaterPackets() {
        return Stream.of(
                new Field("topic name", text -> packet(0x30, binary(text), ONE_BYTE)),
                new Field("content type", text -> publish(property(0x03, text))),
                new Field("response topic", text -> publish(property(0x08, text))),
                new Field(
                        "name of PUBLISH user property", text -> publish(pair(text, bytes("62")))),
                new Field(
                        "value of PUBLISH user property", text -> publish(pair(bytes("62"), text))),
                new Field(
                        "topic filter",
                        text -> packet(0x82, u16(1), ONE_BYTE, binary(text), ONE_BYTE)),
                new Field(
                        "SUBSCRIBE user property",
                        text ->
                                packet(
                                        0x82,
                                        u16(1),
                                        properties(pair(bytes("62"), text)),
                                        text("t"),
                                        ONE_BYTE)),
                new Field(
                        "topic filter of UNSUBSCRIBE",
                        text -> packet(0xA2, u16(1), ONE_BYTE, binary(text))),
                new Field(
                        "UNSUBSCRIBE user property",
                        text ->
                                packet(
                                        0xA2,
                                        u16(1),
                                        properties(pair(text, bytes("62"))),
                                        text("t"))));
    }

    /** Fields of packets that end the connection or answer something that was not asked. */
    static Stream<Field> ofAnswers() {
        return Stream.of(
                new Field(
                        "authentication method",
                        text -> connect(5, "fields").with(property(0x15, text)).bytes()),
                new Field("reason string of PUBACK", text -> answer(0x40, property(0x1F, text))),
                new Field("reason string of PUBREC", text -> answer(0x50, property(0x1F, text))),
                new Field("reason string of PUBREL", text -> answer(0x62, property(0x1F, text))),
                new Field("reason string of PUBCOMP", text -> answer(0x70, property(0x1F, text))),
                new Field("user property of PUBACK", text -> answer(0x40, pair(text, text))),
                new Field(
                        "reason string of DISCONNECT",
                        text -> Packets.disconnect5(0, property(0x1F, text))),
                new Field(
                        "user property of DISCONNECT",
                        text -> Packets.disconnect5(0, pair(bytes("62"), text))));
    }

    static Stream<Field> all() {
        return Stream.of(ofConnect(), ofLaterPackets(), ofAnswers()).flatMap(fields -> fields);
    }

    private static byte[] property(int id, byte[] text) {
        return Packets.binary(id, text);
    }

    private static byte[] pair(byte[] name, byte[] value) {
        return join(new byte[] {0x26}, binary(name), binary(value));
    }

    private static byte[] withProperty(byte[] property) {
        return connect(5, "fields").with(property).bytes();
    }

    private static byte[] withWill(byte[] property) {
        return connect(5, "fields").will("t", "gone", 0, property).bytes();
    }

    private static byte[] publish(byte[] property) {
        return Packets.publish5("t", property, "");
    }

    private static byte[] answer(int firstByte, byte[] property) {
        return Packets.acknowledgement5(firstByte, 1, 0, property);
    }
}
