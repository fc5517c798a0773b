package io.muster.broker.protocol;

import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that break the rules, and what becomes of them [MQTT5 4.13, MQTT3 4.8]. */
class ProtocolRulesTest {

    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.packetBytesMax = 1_000;
        settings.connectTimeout = Duration.ofMillis(500);
        settings.keepAliveSecondsMax = 60;
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    @Test
    void closesAfterAFirstPacketThatIsNotConnect() {
        RawClient client = BROKER.raw();
        client.send(Packets.PINGREQ).expectClosed(); // [MQTT-3.1.0-1]
        RawClient noise = BROKER.raw();
        noise.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        noise.expectClosed();
    }

    @Test
    void closesWhenNoCompleteConnectComesInTime() {
        RawClient silent = BROKER.raw();
        RawClient slow = BROKER.raw().send(bytes("10 20 00 04 4D 51"));
        silent.expectClosed();
        slow.expectClosed();
    }

    @Test
    void endsTheConnectionOnASecondConnect() {
        RawClient old = BROKER.client(4, "twice-4");
        old.send(connect(4, "twice-4").bytes()).expectClosed(); // [MQTT-3.1.0-2]
        RawClient five = BROKER.client(5, "twice-5");
        five.send(connect(5, "twice-5").bytes()).expect("E0 01 82").expectClosed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 04 4D 51 54 54 06", "00 04 4D 51 54 54 00"})
    void refusesAnUnknownLevel(String nameAndLevel) {
        RawClient client = BROKER.raw();
        byte[] rest = bytes("02 00 00 00 01 61");
        client.send(Packets.packet(0x10, bytes(nameAndLevel), rest));
        client.expect("20 02 00 01").expectClosed(); // [MQTT3 MQTT-3.1.2-2]
    }

    @Test
    void closesOnAnUnknownProtocolName() {
        byte[] rest = bytes("00 04 4D 51 54 58 04 02 00 00 00 01 61");
        BROKER.raw().send(Packets.packet(0x10, rest)).expectClosed(); // [MQTT3 MQTT-3.1.2-1]
    }

    static Stream<Arguments> brokenConnects() {
        return Stream.of(
                arguments("reserved flag [MQTT-3.1.2-3]", 0x01),
                arguments("will QoS 3 [MQTT-3.1.2-12]", 0x1C),
                arguments("will QoS without will [MQTT-3.1.2-11]", 0x08),
                arguments("will retain without will [MQTT-3.1.2-13]", 0x20));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenConnects")
    void refusesABrokenConnectBeforeSignIn(String rule, int flags) {
        RawClient present = BROKER.client(5, "broken");
        for (int level : new int[] {4, 5}) {
            Packets.Connect broken = connect(level, "broken").flags(flags);
            if ((flags & 0x04) != 0) {
                broken.will("t", "gone", 0x18, Packets.NO_PROPERTIES);
            }
            RawClient client = BROKER.raw().speaking(level).send(broken.bytes());
            if (level == 5) {
                assertThat(client.expectType(2).reason()).isEqualTo(0x81); // [MQTT5 4.13.1]
            }
            client.expectClosed(); // [MQTT-3.1.4-1]
        }
        present.expectNothing(); // Nobody was taken over by it.
    }

    static Stream<Arguments> brokenConnectProperties() {
        return Stream.of(
                arguments("receive maximum 0", u16(0x21, 0), "82"),
                arguments("maximum packet size 0", Packets.u32(0x27, 0), "82"),
                arguments("authentication data alone", text(0x16, "x"), "82"),
                arguments("authentication method", text(0x15, "SCRAM"), "8C"),
                arguments("receive maximum 0 last", Packets.join(u8(0x19, 1), u16(0x21, 0)), "82"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenConnectProperties")
    void refusesWrongPropertiesOfConnect(String rule, byte[] property, String code) {
        RawClient client = BROKER.raw().send(connect(5, "props").with(property).bytes());
        client.expect("20 03 00 " + code + " 00").expectClosed();
    }

    @Test
    void refusesWrongPropertiesOfAWill() {
        RawClient present = BROKER.client(5, "will-props");
        byte[] connect = connect(5, "will-props").will("t", "x", 0, u8(0x01, 2)).bytes();
        BROKER.raw().send(connect).expect("20 03 00 82 00").expectClosed();
        byte[] wildcard =
                connect(5, "will-props").will("t/#", "x", 0, Packets.NO_PROPERTIES).bytes();
        RawClient client = BROKER.raw().speaking(5).send(wildcard);
        assertThat(client.expectType(2).reason()).isEqualTo(0x81);
        client.expectClosed();
        present.expectNothing();
    }

    @Test
    void refusesAPasswordWithoutUserNameBeforeMqtt5() {
        byte[] connect = bytes("10 10 00 04 4D 51 54 54 04 42 00 00 00 01 61 00 01 70");
        BROKER.raw().send(connect).expectClosed(); // [MQTT3 MQTT-3.1.2-22]
    }

    static Stream<Arguments> brokenPackets() {
        byte[] none = Packets.NO_PROPERTIES;
        return Stream.of(
                arguments("PUBLISH QoS 3 [MQTT-3.3.1-4]", bytes("36 05 00 01 61 00 01"), "81"),
                arguments("topic with wildcard [MQTT-3.3.2-2]", publish5("a/+", none, ""), "81"),
                arguments("empty topic [MQTT-4.7.3-1]", publish5("", none, ""), "82"),
                arguments("topic not UTF-8 [MQTT-1.5.4-1]", bytes("30 05 00 02 C3 28 00"), "81"),
                arguments("topic with U+0000 [MQTT-1.5.4-2]", bytes("30 05 00 02 61 00 00"), "81"),
                arguments("topic alias [MQTT-3.3.2-9]", publish5("a", u16(0x23, 17), ""), "94"),
                arguments("subscription id [MQTT-3.3.4-6]", publish5("a", u8(0x0B, 1), ""), "82"),
                arguments("format 2 [MQTT5 3.3.2.3.2]", publish5("a", u8(0x01, 2), ""), "82"),
                arguments(
                        "response to # [MQTT-3.3.2-14]", publish5("a", text(0x08, "#"), ""), "82"),
                arguments(
                        "packet id 0 [MQTT-2.2.1-3]", Packets.publish5(2, 0, "a", none, ""), "82"),
                arguments(
                        "SUBSCRIBE flags [MQTT-3.8.1-1]",
                        bytes("80 07 00 01 00 00 01 61 00"),
                        "81"),
                arguments("SUBSCRIBE without filter [MQTT-3.8.3-2]", bytes("82 03 00 01 00"), "82"),
                arguments("UNSUBSCRIBE without [MQTT-3.10.3-2]", bytes("A2 03 00 01 00"), "82"),
                arguments("subscribe QoS 3 [MQTT5 3.8.3.1]", subscribe5(1, "a", 3), "82"),
                arguments("retain handling 3", subscribe5(1, "a", 0x30), "82"),
                arguments("filter a# [MQTT-4.7.1-1]", subscribe5(1, "a#", 0), "81"),
                arguments("filter +a [MQTT-4.7.1-2]", subscribe5(1, "+a", 0), "81"),
                arguments("subscription id 0", subscribe5(1, u8(0x0B, 0), "a", 0), "82"),
                arguments("AUTH [MQTT-4.12.0-7]", bytes("F0 02 18 00"), "82"),
                arguments("CONNACK from a client", bytes("20 03 00 00 00"), "82"),
                arguments("PINGREQ with a body", bytes("C0 01 00"), "81"),
                arguments("length of five bytes", bytes("30 FF FF FF FF 01"), "81"),
                arguments(
                        "expiry from nothing [MQTT5 3.14.2.2.2]",
                        Packets.disconnect5(0, Packets.u32(0x11, 9)),
                        "82"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenPackets")
    void saysWhatWasWrongAndCloses(String rule, byte[] packet, String code) {
        RawClient client = BROKER.client(5, "breaker");
        client.send(packet, Packets.PINGREQ).expect("E0 01 " + code).expectClosed();
    }

    static Stream<Arguments> brokenPacketsBefore5() {
        return Stream.of(
                arguments("PUBLISH QoS 3 [MQTT3 MQTT-3.3.1-4]", bytes("36 05 00 01 61 00 01")),
                arguments("SUBSCRIBE flags [MQTT3 MQTT-3.8.1-1]", bytes("80 06 00 01 00 01 61 00")),
                arguments("no filter [MQTT3 MQTT-3.8.3-3]", bytes("82 02 00 01")),
                arguments("reserved bits [MQTT3 MQTT-3-8.3-4]", Packets.subscribe(1, "a", 0x05)),
                arguments("filter a# [MQTT3 MQTT-4.7.1-2]", Packets.subscribe(1, "a#", 0)),
                arguments("AUTH", bytes("F0 00")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenPacketsBefore5")
    void closesWithoutAWordBeforeMqtt5(String rule, byte[] packet) {
        RawClient client = BROKER.client(4, "breaker-4");
        client.send(packet, Packets.PINGREQ).expectClosed(); // [MQTT3 MQTT-4.8.0-1]
    }

    @Test
    void refusesPacketsThatAreTooLarge() {
        String payload = "x".repeat(2_000);
        RawClient five = BROKER.client(5, "large-5");
        five.send(publish5("a", Packets.NO_PROPERTIES, payload)).expect("E0 01 95").expectClosed();
        RawClient old = BROKER.client(4, "large-4");
        old.send(Packets.publish("a", payload)).expectClosed();
        // Told by its length alone: the rest need not come, so nobody has to hold it.
        RawClient announced = BROKER.client(5, "announced");
        announced.send(bytes("30 FF FF FF 7F 00 01 61")).expect("E0 01 95").expectClosed();
        RawClient connect = BROKER.raw().send(connect(4, payload).bytes());
        connect.expectClosed();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void closesWhenTheClientIsSilentForOneAndAHalfKeepAlives(int level) {
        RawClient watcher = BROKER.client(4, "watcher").subscribe("dead", 0);
        RawClient client = BROKER.raw().speaking(level);
        client.connect(
                connect(level, "silent")
                        .keepAlive(1)
                        .will("dead", "yes", 0, Packets.NO_PROPERTIES));
        long begin = System.nanoTime();
        if (level == 5) {
            client.expect("E0 01 8D");
        }
        client.expectClosed(); // [MQTT-3.1.2-22]
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(1_400), Duration.ofMillis(4_000));
        watcher.expectPublish("yes");
    }

    @Test
    void tellsTheKeepAliveInForceToThoseThatCanBeTold() {
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, "keep").keepAlive(600).bytes());
        assertThat(client.read().hex()).contains("13 00 3C"); // [MQTT-3.2.2-21]
        assertThat(BROKER.broker().clients().find("keep").orElseThrow().keepAliveSeconds())
                .isEqualTo(60);
    }

    @Test
    void tellsWhatItTakes() {
        RawClient client = BROKER.raw().speaking(5).send(connect(5, "offer").bytes());
        // Receive maximum 100, packets up to 1000 bytes, 16 topic aliases; no keep alive is too
        // long, so it is told one. What is not said is there.
        client.expect("20 11 00 00 0E 22 00 10 27 00 00 03 E8 21 00 64 13 00 3C");
    }
}
