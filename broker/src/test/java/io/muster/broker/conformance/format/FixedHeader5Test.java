package io.muster.broker.conformance.format;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Property.Place;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Types, flags and lengths of packets [MQTT5 2.1]. */
@DisplayNameGeneration(StatementNames.class)
class FixedHeader5Test {

    private static final BrokerFixture BROKER = BrokerFixture.open();

    /** Packets whose flags are reserved, right but for these flags. */
    private static final byte[][] RESERVED = {
        packet(0x40, u16(1)),
        packet(0x50, u16(1)),
        packet(0x62, u16(1)),
        packet(0x70, u16(1)),
        PacketExamples.with(Place.SUBSCRIBE),
        PacketExamples.with(Place.UNSUBSCRIBE),
        PINGREQ,
        bytes("E0 00"),
        bytes("F0 00")
    };

    @AfterAll
    static void close() {
        BROKER.close();
    }

    static Stream<Arguments> wrongFlags() {
        return Arrays.stream(RESERVED)
                .flatMap(
                        packet ->
                                IntStream.range(0, 16)
                                        .filter(flags -> flags != (packet[0] & 0x0F))
                                        .mapToObj(flags -> withFlags(packet, flags)));
    }

    private static Arguments withFlags(byte[] packet, int flags) {
        byte[] wrong = packet.clone();
        wrong[0] = (byte) ((packet[0] & 0xF0) | flags);
        return arguments("first byte %02X".formatted(wrong[0]), wrong);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFlags")
    @Normative(mqtt5 = "2.1.3-1")
    void refusesFlagsThatAreReserved(String name, byte[] packet) {
        StrictReader.ends(BROKER, packet, 0x81);
    }

    /** The flags come before the version, so it may be left open how to answer. */
    @Test
    @Normative(mqtt5 = "2.1.3-1")
    void refusesAConnectWithFlags() {
        for (int flags = 1; flags < 16; flags++) {
            byte[] connect = connect(5, "flags").bytes();
            connect[0] |= (byte) flags;
            StrictReader.notAccepted(BROKER, connect);
        }
    }

    @Test
    void refusesTheReservedPacketType() {
        for (int flags = 0; flags < 16; flags++) {
            StrictReader.ends(BROKER, new byte[] {(byte) flags, 0}, 0x81, 0x82);
        }
    }

    static Stream<Arguments> packetsOfServers() {
        return Stream.of(
                arguments("CONNACK", bytes("20 03 00 00 00")),
                arguments("SUBACK", bytes("90 04 00 01 00 00")),
                arguments("UNSUBACK", bytes("B0 04 00 01 00 00")),
                arguments("PINGRESP", bytes("D0 00")));
    }

    /** Table 2-1: these flow from the server to the client only. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsOfServers")
    void refusesPacketsThatOnlyServersSend(String type, byte[] packet) {
        StrictReader.ends(BROKER, packet, 0x82);
    }

    static Stream<Arguments> packetsWithTooMuch() {
        byte[] more = {0x61};
        return Stream.of(
                arguments("CONNECT", join(PacketExamples.with(Place.CONNECT), more)),
                arguments("CONNECT with will", join(PacketExamples.with(Place.WILL), more)),
                arguments("PUBACK", join(PacketExamples.with(Place.PUBACK), more)),
                arguments("PUBREC", join(PacketExamples.with(Place.PUBREC), more)),
                arguments("PUBREL", join(PacketExamples.with(Place.PUBREL), more)),
                arguments("PUBCOMP", join(PacketExamples.with(Place.PUBCOMP), more)),
                arguments("SUBSCRIBE", join(PacketExamples.with(Place.SUBSCRIBE), more)),
                arguments("UNSUBSCRIBE", join(PacketExamples.with(Place.UNSUBSCRIBE), more)),
                arguments("PINGREQ", join(PINGREQ, more)),
                arguments("DISCONNECT", join(PacketExamples.with(Place.DISCONNECT), more)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsWithTooMuch")
    void refusesBytesAfterTheLastField(String name, byte[] packet) {
        byte[] longer = packet.clone();
        longer[1]++;
        StrictReader.ends(BROKER, longer, 0x81);
    }

    /** The shortest form that is right, so that each shorter one is wrong. */
    static Stream<Arguments> wholePackets() {
        return Stream.of(
                arguments("CONNECT", PacketExamples.with(Place.CONNECT), 9),
                arguments("CONNECT with will", PacketExamples.with(Place.WILL), 9),
                arguments("PUBLISH", publish5("topic", NO_PROPERTIES, ""), 0),
                arguments("PUBLISH of QoS 1", publish5(2, 1, "topic", NO_PROPERTIES, ""), 0),
                arguments("PUBACK", packet(0x40, u16(1)), 0),
                arguments("PUBREC", packet(0x50, u16(1)), 0),
                arguments("PUBREL", packet(0x62, u16(1)), 0),
                arguments("PUBCOMP", packet(0x70, u16(1)), 0),
                arguments("SUBSCRIBE", packet(0x82, u16(1), text("topic"), new byte[1]), 0),
                arguments("UNSUBSCRIBE", packet(0xA2, u16(1), text("topic")), 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wholePackets")
    @Normative(mqtt5 = "3.1.4-1")
    void refusesEachTruncatedForm(String name, byte[] whole, int shortest) {
        byte[] body = Arrays.copyOfRange(whole, 2, whole.length);
        for (int length = shortest; length < body.length; length++) {
            byte[] cut = packet(whole[0], Arrays.copyOf(body, length));
            // A SUBSCRIBE that ends before its first filter is whole, but not allowed.
            StrictReader.ends(BROKER, cut, 0x81, 0x82);
        }
    }

    @Test
    void costsNobodyElseAnything() {
        RawClient other = BROKER.client(5, "bystander").subscribe("t", 0);
        StrictReader.ends(BROKER, bytes("C1 00"), 0x81);
        StrictReader.notAccepted(BROKER, bytes("10 00"));
        BROKER.client(5, "bystander-publisher").send(publish5("t", NO_PROPERTIES, "on"));
        other.expectPublish("on");
    }

    @Test
    void processesNothingThatFollowsAMalformedPacket() {
        RawClient subscriber = BROKER.client(5, "follows").subscribe("follows", 0);
        RawClient breaker = BROKER.raw().speaking(5).connect(connect(5, "follow-breaker"));
        breaker.send(bytes("C1 00"), publish5("follows", NO_PROPERTIES, "x"));
        StrictReader.disconnected(breaker, 0x81);
        subscriber.expectNothing();
    }
}
