package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.userProperty;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;
import static io.muster.broker.conformance.Wire.reasons;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How PUBACK, PUBREC, PUBREL and PUBCOMP may look, and how not [MQTT5 3.4 to 3.7]. */
@DisplayNameGeneration(StatementNames.class)
class AcknowledgementFormatTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    /** What is wrong, with what the connection ends, and what follows the fixed header. */
    private static final String WRONG =
            """
            no packet identifier               | 81    |
            half a packet identifier           | 81    | 00
            packet identifier zero             | 81/82 | 00 00
            unknown reason code                | 81/82 | 00 01 01
            reason code of a SUBACK            | 81/82 | 00 01 02 00
            reason code of a DISCONNECT        | 81/82 | 00 01 8E 00
            reason code of an AUTH             | 81/82 | 00 01 18 00
            properties longer than the packet  | 81    | 00 01 00 05
            properties shorter than the packet | 81    | 00 01 00 00 00
            unfinished property length         | 81    | 00 01 00 80
            unknown property                   | 81    | 00 01 00 02 7F 00
            property of a PUBLISH              | 81    | 00 01 00 05 02 00 00 00 09
            property of a SUBSCRIBE            | 81    | 00 01 00 02 0B 01
            property of a CONNECT              | 81    | 00 01 00 05 11 00 00 00 09
            reason string twice                | 82    | 00 01 00 08 1F 00 01 61 1F 00 01 61
            reason string cut off              | 81    | 00 01 00 04 1F 00 05 61
            reason string not UTF-8            | 81    | 00 01 00 05 1F 00 02 C0 80
            user property without a value      | 81    | 00 01 00 04 26 00 01 61
            user property not UTF-8            | 81    | 00 01 00 08 26 00 01 61 00 02 ED A0
            """;

    static Stream<Arguments> wrong() {
        return IntStream.of(0x40, 0x50, 0x62, 0x70)
                .boxed()
                .flatMap(
                        first ->
                                WRONG.lines()
                                        .map(line -> line.split("\\|", -1))
                                        .map(
                                                cells ->
                                                        Arguments.of(
                                                                first,
                                                                cells[0].strip(),
                                                                cells[1].strip(),
                                                                cells[2].strip())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("wrong")
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongAcknowledgement(
            int first, String what, String answer, String body) {
        byte[] content = body.isEmpty() ? new byte[0] : bytes(body);
        expectRefused(STAGE.client(), packet(first, content), reasons(answer));
    }

    @ParameterizedTest
    @CsvSource({"40,92", "50,92", "62,10", "62,80", "62,97", "70,10", "70,80", "70,99"})
    @Normative(mqtt5 = {"3.4.2-1", "3.5.2-1", "3.6.2-1", "3.7.2-1"})
    void refusesAReasonCodeOfAnotherAcknowledgement(String first, String reason) {
        byte[] wrong = packet(Integer.parseInt(first, 16), bytes("00 01 " + reason));
        expectRefused(STAGE.client(), wrong, 0x81, 0x82);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x60, 0x61, 0x63, 0x64, 0x66, 0x68, 0x6A, 0x6F})
    @Normative(mqtt5 = "3.6.1-1")
    void endsTheConnectionAtAPubrelWithOtherFlags(int first) {
        expectRefused(STAGE.client(), packet(first, u16(1)), 0x81);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x41, 0x42, 0x44, 0x48, 0x51, 0x52, 0x54, 0x58, 0x71, 0x72, 0x74, 0x78})
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAcknowledgementsWithFlags(int first) {
        expectRefused(STAGE.client(), packet(first, u16(1)), 0x81);
    }

    static Stream<byte[]> properties() {
        return Stream.of(
                Packets.NO_PROPERTIES,
                text(0x1F, "because"),
                text(0x1F, ""),
                Packets.join(userProperty("a", "1"), userProperty("a", "2")),
                Packets.join(userProperty("a", ""), text(0x1F, "b"), userProperty("", "2")));
    }

    @ParameterizedTest
    @MethodSource("properties")
    @Normative(mqtt5 = {"3.6.2-1", "3.7.2-1"})
    void takesReasonStringsAndUserProperties(byte[] properties) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        publisher.send(publish5(QOS_2, 5, topic, Packets.NO_PROPERTIES, "x"));
        expectAcknowledge(publisher, PUBREC, 5, 0x00);
        publisher.send(acknowledge(PUBREL, 5, 0, properties));
        expectAcknowledge(publisher, PUBCOMP, 5, 0x00);
        int id = client.expectPublish("x").packetId();
        client.send(acknowledge(PUBREC, id, 0, properties));
        expectAcknowledge(client, PUBREL, id, 0x00);
        client.send(acknowledge(PUBCOMP, id, 0, properties)).expectNothing();
        publish(publisher, QOS_1, topic, "y");
        int next = client.expectPublish("y").packetId();
        client.send(acknowledge(PUBACK, next, 0, properties)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 05", "00 05 00", "00 05 00 00"})
    @Normative(mqtt5 = {"4.3.3-11"})
    void takesAPubrelWithAndWithoutReasonCodeAndProperties(String body) {
        RawClient publisher = STAGE.client();
        publisher.send(publish5(QOS_2, 5, STAGE.name(), Packets.NO_PROPERTIES, "x"));
        expectAcknowledge(publisher, PUBREC, 5, 0x00);
        publisher.send(packet(0x62, bytes(body)));
        expectAcknowledge(publisher, PUBCOMP, 5, 0x00);
    }

    /** A window of one message shows when an acknowledgement has been taken for one. */
    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99})
    @Normative(mqtt5 = {"3.4.2-1", "4.4.0-2"})
    void takesEveryReasonCodeOfAPuback(int reason) {
        String topic = STAGE.name();
        RawClient client = STAGE.client(connect(5, STAGE.name()).with(u16(0x21, 1)));
        client.subscribe(topic, 1);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, topic, "first");
        publish(publisher, QOS_1, topic, "second");
        int id = client.expectPublish("first").packetId();
        client.expectNothing();
        client.send(acknowledge(PUBACK, id, reason));
        client.expectPublish("second");
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99})
    @Normative(mqtt5 = {"3.5.2-1", "4.3.3-4", "4.4.0-2"})
    void takesEveryReasonCodeOfAPubrec(int reason) {
        String topic = STAGE.name();
        RawClient client = STAGE.client(connect(5, STAGE.name()).with(u16(0x21, 1)));
        client.subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_2, topic, "first");
        publish(publisher, QOS_2, topic, "second");
        int id = client.expectPublish("first").packetId();
        client.expectNothing();
        client.send(acknowledge(PUBREC, id, reason));
        client.expectPublish("second"); // and no PUBREL before
    }
}
