package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.userProperty;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Property.Place;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import io.muster.broker.conformance.format.TextFields.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Strings, string pairs, binary data and integers [MQTT5 1.5]. */
@DisplayNameGeneration(StatementNames.class)
class DataRepresentation5Test {

    private static final BrokerFixture BROKER = broker();
    private static final int TEXT_BYTES_MAX = 65_535;

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.packetBytesMax = 4 << 20;
        settings.outboundBytesMax = 8 << 20;
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** Byte sequences that are not UTF-8, or not allowed in a string, each for a reason. */
    static Stream<Arguments> brokenTexts() {
        return Stream.of(
                arguments("first high surrogate", "ED A0 80"),
                arguments("last high surrogate", "ED AF BF"),
                arguments("first low surrogate", "ED B0 80"),
                arguments("last low surrogate", "ED BF BF"),
                arguments("surrogates in a pair", "ED A0 BD ED B8 80"),
                arguments("slash in two bytes", "C0 AF"),
                arguments("DEL in two bytes", "C1 BF"),
                arguments("slash in three bytes", "E0 80 AF"),
                arguments("U+07FF in three bytes", "E0 9F BF"),
                arguments("slash in four bytes", "F0 80 80 AF"),
                arguments("U+FFFF in four bytes", "F0 8F BF BF"),
                arguments("above U+10FFFF", "F4 90 80 80"),
                arguments("lead byte above U+10FFFF", "F5 80 80 80"),
                arguments("five bytes", "F8 88 80 80 80"),
                arguments("six bytes", "FC 84 80 80 80 80"),
                arguments("continuation alone", "61 80"),
                arguments("one continuation too many", "C3 A9 A9"),
                arguments("one of two bytes", "61 C3"),
                arguments("two of three bytes", "E2 82"),
                arguments("three of four bytes", "F0 9F 98"),
                arguments("lead byte and ASCII", "C3 28"),
                arguments("byte FE", "FE"),
                arguments("byte FF", "FF"));
    }

    static Stream<Arguments> nullCharacters() {
        return Stream.of(
                arguments("U+0000 alone", "00"),
                arguments("U+0000 inside", "61 00 62"),
                arguments("U+0000 in two bytes", "C0 80"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenTexts")
    @Normative(mqtt5 = {"1.5.4-1", "3.3.2-1"})
    void refusesATopicNameThatIsNotUtf8(String fault, String hex) {
        byte[] topic = Packets.binary(bytes(hex));
        StrictReader.ends(BROKER, packet(0x30, topic, new byte[1]), 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenTexts")
    @Normative(mqtt5 = {"1.5.4-1", "3.1.3-4"})
    void refusesAClientIdentifierThatIsNotUtf8(String fault, String hex) {
        byte[] name = Packets.binary(bytes(hex));
        StrictReader.ends(BROKER, packet(0x10, text("MQTT"), bytes("05 02 00 00 00"), name), 0x81);
    }

    static Stream<Arguments> brokenFields() {
        Stream<Arguments> few =
                brokenTexts()
                        .filter(
                                broken ->
                                        broken.get()[0].toString().startsWith("first")
                                                || broken.get()[0].equals("slash in two bytes")
                                                || broken.get()[0].equals("one of two bytes"));
        return few.flatMap(
                broken ->
                        TextFields.all()
                                .map(field -> arguments(broken.get()[0], broken.get()[1], field)));
    }

    @ParameterizedTest(name = "{2}: {0}")
    @MethodSource("brokenFields")
    @Normative(mqtt5 = {"1.5.4-1", "1.5.7-1", "3.1.3-11", "3.1.3-12", "3.3.2-13", "3.3.2-19"})
    void refusesTextThatIsNotUtf8InEachField(String fault, String hex, Field field) {
        StrictReader.ends(BROKER, field.packet().apply(bytes(hex)), 0x81);
    }

    static Stream<Arguments> fieldsWithNull() {
        return nullCharacters()
                .flatMap(
                        broken ->
                                TextFields.all()
                                        .map(
                                                field ->
                                                        arguments(
                                                                broken.get()[0],
                                                                broken.get()[1],
                                                                field)));
    }

    @ParameterizedTest(name = "{2}: {0}")
    @MethodSource("fieldsWithNull")
    @Normative(mqtt5 = {"1.5.4-2", "1.5.7-1"})
    void refusesTheNullCharacterInEachField(String fault, String hex, Field field) {
        StrictReader.ends(BROKER, field.packet().apply(bytes(hex)), 0x81);
    }

    static Stream<Field> fieldsOfConnect() {
        return TextFields.ofConnect();
    }

    @ParameterizedTest
    @MethodSource("fieldsOfConnect")
    void acceptsAnyOtherCharacterInConnect(Field field) {
        byte[] text = "Aé€\uD869\uDED4\uFEFF\uE000".getBytes(UTF_8);
        try (RawClient client = BROKER.raw().speaking(5).send(field.packet().apply(text))) {
            StrictReader.accepted(client);
        }
    }

    static Stream<Field> fieldsOfLaterPackets() {
        return TextFields.ofLaterPackets();
    }

    @ParameterizedTest
    @MethodSource("fieldsOfLaterPackets")
    void acceptsAnyOtherCharacterLater(Field field) {
        byte[] text = "Aé€\uD869\uDED4\uFEFF\uE000".getBytes(UTF_8);
        try (RawClient client = BROKER.client(5, "characters")) {
            byte[] packet = field.packet().apply(text);
            client.send(packet);
            if ((packet[0] & 0xF0) != 0x30) {
                StrictReader.read(client, (packet[0] & 0xF0) == 0x80 ? 9 : 11);
            }
            client.expectNothing();
        }
    }

    static Stream<Arguments> controlCharacters() {
        return Stream.of(
                        "\1",
                        "\t",
                        "\u001F",
                        "\u007F",
                        "\u009F",
                        "\uFFFF",
                        "\uFDD0",
                        "\uD83F\uDFFE")
                .flatMap(
                        text ->
                                Stream.of(Place.CONNECT, Place.PUBLISH, Place.SUBSCRIBE)
                                        .map(place -> arguments(place, text)));
    }

    /** What the server may refuse, and does by its settings [MQTT5 1.5.4]. */
    @ParameterizedTest(name = "{index} in {0}")
    @MethodSource("controlCharacters")
    void refusesControlCharactersAndNonCharacters(Place place, String text) {
        byte[] property = userProperty("control", text);
        StrictReader.ends(BROKER, PacketExamples.with(place, property), 0x81);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uFEFFbom", "bo\uFEFFm", "bom\uFEFF", "\uFEFF"})
    @Normative(mqtt5 = "1.5.4-3")
    void keepsZeroWidthNoBreakSpaces(String topic) {
        RawClient exact = BROKER.client(5, "exact").subscribe(topic, 0);
        RawClient stripped = BROKER.client(5, "stripped").subscribe("bom", 0);
        RawClient publisher = BROKER.client(5, "bom-publisher");
        byte[] properties = join(userProperty(topic, topic), Packets.text(0x03, topic));
        publisher.send(publish5(topic, properties, "x")).expectNothing();
        RawClient.Packet packet = StrictReader.publish(exact, "x");
        assertThat(packet.topic()).isEqualTo(topic);
        assertThat(packet.propertyList().text(Packets.CONTENT_TYPE)).isEqualTo(topic);
        assertThat(packet.propertyList().userProperties()).containsExactly(Map.entry(topic, topic));
        stripped.expectNothing();
    }

    @Test
    void takesStringsOfAllLengths() {
        RawClient subscriber = BROKER.client(5, "lengths").subscribe("lengths", 0);
        RawClient publisher = BROKER.client(5, "lengths-publisher");
        for (int length : new int[] {0, 1, 127, 128, 255, 256, 16_383, TEXT_BYTES_MAX}) {
            String text = "x".repeat(length);
            byte[] correlation = Packets.binary(Packets.CORRELATION_DATA, text.getBytes(UTF_8));
            publisher.send(publish5("lengths", Packets.text(0x03, text), "text"));
            publisher.send(publish5("lengths", correlation, "binary"));
            publisher.send(publish5("lengths", userProperty("", text), "pair"));
            assertThat(subscriber.expectPublish("text").body()).contains(Packets.text(0x03, text));
            assertThat(subscriber.expectPublish("binary").body()).contains(correlation);
            assertThat(subscriber.expectPublish("pair").body()).contains(userProperty("", text));
        }
    }

    @Test
    void takesTopicNamesOfTheLargestLength() {
        String topic = "t".repeat(TEXT_BYTES_MAX);
        RawClient subscriber = BROKER.client(5, "long").subscribe(topic, 0);
        BROKER.client(5, "long-publisher").send(publish5(topic, NO_PROPERTIES, "long"));
        assertThat(subscriber.expectPublish("long").topic()).isEqualTo(topic);
    }

    static Stream<Arguments> brokenLengths() {
        return Stream.of(
                arguments("packet length in 5 bytes", "30 FF FF FF FF 01", 0x81),
                arguments("packet length in 5 bytes of 0", "C0 80 80 80 80 00", 0x81),
                arguments("packet length 0 in 2 bytes", "C0 80 00", 0x81),
                arguments("packet length 0 in 4 bytes", "C0 80 80 80 00", 0x81),
                arguments("packet length 4 in 2 bytes", "30 84 00 00 01 74 00", 0x81),
                arguments("property length 0 in 2 bytes", "30 05 00 01 74 80 00", 0x81),
                arguments("property length 0 in 4 bytes", "30 07 00 01 74 80 80 80 00", 0x81),
                arguments("property length 2 in 2 bytes", "30 07 00 01 74 82 00 01 01", 0x81),
                arguments("property length in 5 bytes", "30 08 00 01 74 FF FF FF FF 01", 0x81),
                arguments("property length without end", "30 04 00 01 74 80", 0x81),
                arguments("property identifier 1 in 2 bytes", "30 07 00 01 74 03 81 00 01", 0x81),
                arguments(
                        "subscription id 1 in 2 bytes",
                        "82 0A 00 01 03 0B 81 00 00 01 74 00",
                        0x81),
                arguments(
                        "subscription id in 5 bytes",
                        "82 0D 00 01 06 0B FF FF FF FF 01 00 01 74 00",
                        0x81),
                arguments("subscription id without end", "82 09 00 01 02 0B 80 00 01 74 00", 0x81));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenLengths")
    @Normative(mqtt5 = "1.5.5-1")
    void refusesVariableByteIntegersThatAreTooLong(String fault, String hex, int reason) {
        StrictReader.ends(BROKER, bytes(hex), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00 04 4D 51 54 54 05 02 00 00 80 00 00 01 61",
                "00 04 4D 51 54 54 05 02 00 00 FF FF FF FF 01 00 01 61",
                "00 04 4D 51 54 54 05 06 00 00 00 00 01 61 80 00 00 01 74 00 01 78"
            })
    @Normative(mqtt5 = "1.5.5-1")
    void refusesThemInConnectToo(String body) {
        StrictReader.ends(BROKER, packet(0x10, bytes(body)), 0x81);
    }

    @Test
    @Normative(mqtt5 = "1.5.5-1")
    void refusesAConnectWhoseLengthIsTooLong() {
        byte[] connect = connect(5, "overlong").bytes();
        byte[] header = {0x10, (byte) (connect[1] | 0x80), 0};
        byte[] overlong = join(header, Arrays.copyOfRange(connect, 2, connect.length));
        StrictReader.notAccepted(BROKER, overlong);
    }

    /** The bounds at which a length needs one byte more. */
    @ParameterizedTest
    @ValueSource(ints = {4, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152})
    @Normative(mqtt5 = "1.5.5-1")
    void readsAndWritesLengthsOfOneToFourBytes(int length) {
        RawClient subscriber = BROKER.client(5, "sizes").subscribe("t", 0);
        String payload = "x".repeat(length - 4);
        BROKER.client(5, "sizes-publisher").send(publish5("t", NO_PROPERTIES, payload));
        RawClient.Packet packet = subscriber.read();
        assertThat(packet.payload()).isEqualTo(payload);
        assertThat(packet.body()).hasSize(length);
    }

    @Test
    void readsIntegersWithTheirHighByteFirst() {
        RawClient client = BROKER.client(5, "integers");
        client.send(subscribe5(0x0102, "integers", 0)).expect("90 04 01 02 00 00");
        byte[] expiry = Packets.u32(Packets.MESSAGE_EXPIRY, 0x01020304L);
        client.send(publish5("integers", expiry, ""));
        assertThat(StrictReader.publish(client, "").propertyList().number(Packets.MESSAGE_EXPIRY))
                .isBetween(0x01020302L, 0x01020304L);
    }

    @Test
    void takesLengthsThatComeByteByByte() {
        byte[] packet = publish5("t", NO_PROPERTIES, "x".repeat(200));
        RawClient subscriber = BROKER.client(5, "slow").subscribe("t", 0);
        RawClient client = BROKER.client(5, "slow-publisher");
        for (byte each : packet) {
            client.send(new byte[] {each});
        }
        subscriber.expectPublish("x".repeat(200));
        client.send(join(packet, bytes("C0"))).send(bytes("00")).expect("D0 00");
    }

    static Stream<Arguments> truncatedValues() {
        return Stream.of(
                arguments("string longer than the packet", packet(0x30, u16(9), bytes("74 00"))),
                arguments("half of a string's length", packet(0x30, new byte[1])),
                arguments("nothing at all", packet(0x30)),
                arguments("half of a packet identifier", packet(0x32, text("t"), new byte[1])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("truncatedValues")
    void refusesValuesThatEndTooEarly(String fault, byte[] packet) {
        StrictReader.ends(BROKER, packet, 0x81);
    }
}
