package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When CONNECT comes, how it is laid out, and what it leads to [MQTT5 3.1]. */
@DisplayNameGeneration(StatementNames.class)
class ConnectFormat5Test {

    private static final AtomicReference<Credentials> SEEN = new AtomicReference<>();
    private static final BrokerFixture BROKER = broker();

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials -> {
                    SEEN.set(credentials);
                    return CompletableFuture.completedFuture(answer(credentials));
                };
        return settings.start();
    }

    private static AuthResult answer(Credentials credentials) {
        return switch (credentials.clientIdentifier()) {
            case "unknown" -> AuthResult.deny(DenyReason.BAD_CREDENTIALS, "wrong password");
            case "forbidden" -> AuthResult.deny(DenyReason.NOT_AUTHORIZED, "disabled");
            case "misnamed" -> AuthResult.deny(DenyReason.BAD_CLIENT_IDENTIFIER, "not this name");
            case "banned" -> AuthResult.deny(DenyReason.BANNED, "barred");
            case "unlucky" -> AuthResult.deny(DenyReason.UNAVAILABLE, "try later");
            default -> AuthResult.accept(BrokerFixture.anybody());
        };
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    static Stream<Arguments> otherFirstPackets() {
        return Stream.of(
                arguments("PUBLISH", publish5("first", NO_PROPERTIES, "x")),
                arguments("PUBLISH of QoS 1", publish5(2, 1, "first", NO_PROPERTIES, "x")),
                arguments("PUBACK", Packets.puback(1)),
                arguments("PUBREC", Packets.pubrec(1)),
                arguments("PUBREL", Packets.pubrel(1)),
                arguments("PUBCOMP", Packets.pubcomp(1)),
                arguments("SUBSCRIBE", subscribe5(1, "first", 0)),
                arguments("UNSUBSCRIBE", Packets.unsubscribe5(1, NO_PROPERTIES, "first")),
                arguments("PINGREQ", Packets.PINGREQ),
                arguments("DISCONNECT", Packets.DISCONNECT),
                arguments("AUTH", bytes("F0 00")),
                arguments("CONNACK", bytes("20 03 00 00 00")),
                arguments("reserved type", bytes("00 00")),
                arguments("no MQTT at all", ("GET /" + "x".repeat(100)).getBytes(US_ASCII)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherFirstPackets")
    @Normative(mqtt5 = {"3.1.0-1", "3.2.0-1"})
    void closesWhenTheFirstPacketIsNotConnect(String type, byte[] packet) {
        RawClient subscriber = BROKER.client(5, "first-subscriber").subscribe("first", 0);
        try (RawClient client = BROKER.raw().speaking(5)) {
            client.send(packet).expectClosed();
        }
        subscriber.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.1.0-2")
    void endsTheConnectionOnASecondConnect() {
        RawClient client = BROKER.client(5, "twice");
        StrictReader.disconnected(client.send(connect(5, "twice").bytes()), 0x82);
        RawClient other = BROKER.client(5, "twice");
        StrictReader.disconnected(other.send(connect(5, "twice-other").bytes()), 0x82);
        RawClient hasty = BROKER.raw().speaking(5);
        hasty.send(connect(5, "twice").bytes(), connect(5, "twice").bytes());
        StrictReader.accepted(hasty);
        StrictReader.disconnected(hasty, 0x82);
    }

    @Test
    @Normative(mqtt5 = {"3.1.0-2", "3.1.2-8"})
    void publishesTheWillWhenASecondConnectEndsTheConnection() {
        RawClient watcher = BROKER.client(5, "twice-watcher").subscribe("twice/will", 0);
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "twice-will").will("twice/will", "gone", 0, NO_PROPERTIES));
        client.send(connect(5, "twice-will").bytes());
        watcher.expectPublish("gone");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MQTX",
                "mqtt",
                "Mqtt",
                "MQT",
                "MQTTT",
                "",
                "MQIsdp",
                "MQTT ",
                "HTTP",
                "\uFEFFMQTT"
            })
    @Normative(mqtt5 = "3.1.2-1")
    void refusesAnotherProtocolName(String name) {
        StrictReader.notAccepted(BROKER, connect(5, "names").protocol(name, 5).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 6, 7, 0x10, 0x45, 0x7F, 0x80, 0x85, 0xFF})
    @Normative(mqtt5 = "3.1.2-2")
    void refusesAnotherVersion(int level) {
        try (RawClient client = BROKER.raw().speaking(5)) {
            client.send(connect(5, "versions").protocol("MQTT", level).bytes());
            StrictReader.refused(client, 0x84);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 6, 0xFF})
    @Normative(mqtt5 = "3.1.2-2")
    void refusesAnotherVersionInTheFormThatItsSenderUses(int level) {
        byte[] will = Packets.userProperty("name", "value");
        Packets.Connect five = connect(5, "").will("t", "gone", 0, will).expiry(9);
        StrictReader.refused(
                BROKER.raw().speaking(5).send(five.protocol("MQTX", level).bytes()), 0x84);
        Packets.Connect four = connect(4, "").credentials("", "p");
        BROKER.raw().send(four.protocol("MQTT", level).bytes()).expectRefused(1);
        BROKER.raw()
                .send(connect(4, "x".repeat(258)).protocol("MQTT", level).bytes())
                .expectRefused(1);
    }

    @Test
    @Normative(mqtt5 = "3.1.2-1")
    void saysNothingToAnotherProtocolThatIsNotLaidOutAsMqtt5() {
        BROKER.raw().send(connect(4, "c").protocol("MQTX", 4).bytes()).expectClosed();
        Packets.Connect five = connect(5, "c").protocol("MQTX", 5);
        StrictReader.refused(BROKER.raw().speaking(5).send(five.bytes()), 0x84);
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                arguments("reserved flag", connect(5, "c").flags(1)),
                arguments("will QoS 3", connect(5, "c").will("t", "x", 0x18, NO_PROPERTIES)),
                arguments("will retain without will", connect(5, "c").flags(0x20)),
                arguments("property cut", connect(5, "c").with(bytes("11 00"))),
                arguments("bytes behind", connect(5, "c").payload(bytes("00"))),
                arguments("control character", connect(5, "c\u0000")),
                arguments("unknown property", connect(5, "c").with(bytes("7E 00"))),
                arguments("of servers only", connect(5, "c").with(Packets.u8(0x24, 1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    @Normative(mqtt5 = {"3.1.4-1", "4.13.1-1"})
    void tellsThatAConnectIsMalformed(String what, Packets.Connect connect) {
        StrictReader.refused(BROKER.raw().speaking(5).send(connect.bytes()), 0x81, 0x82);
    }

    static Stream<Arguments> tooShort() {
        return Stream.of(
                arguments("client identifier", bytes("00 04 4D 51 54 54 05 02 00 00 00 00 05 61")),
                arguments("properties", bytes("00 04 4D 51 54 54 05 02 00 00 09 11 00")),
                arguments("keep alive", bytes("00 04 4D 51 54 54 05 02 00")),
                arguments("no more", bytes("00 04 4D 51 54 54 05 02 00 00 00")));
    }

    /** Its length is wrong, so its sender may not have come to the end of it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("tooShort")
    void saysNothingToAConnectThatEndsEarly(String what, byte[] fields) {
        BROKER.raw().speaking(5).send(packet(0x10, fields)).expectClosed();
        byte[] noUserName = connect(5, "c").flags(0x80).bytes();
        BROKER.raw().speaking(5).send(noUserName).expectClosed();
    }

    /** "Within a reasonable amount of time", which is a setting. */
    @Test
    void closesWhenNoConnectComes() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.connectTimeout = Duration.ofMillis(300);
        try (BrokerFixture impatient = settings.start()) {
            RawClient half = impatient.raw().send(bytes("10 20 00 04 4D 51 54 54 05"));
            impatient.raw().expectClosed();
            half.expectClosed();
        }
    }

    @Test
    @Normative(mqtt5 = {"3.1.3-1", "3.1.3-3", "3.1.2-9", "3.1.2-17", "3.1.2-19", "3.1.4-5"})
    void readsAllFieldsInTheirOrder() {
        RawClient watcher = BROKER.client(5, "order-watcher").subscribe("order/will", 0);
        RawClient client = BROKER.raw().speaking(5);
        byte[] properties = Packets.text(Packets.CONTENT_TYPE, "type");
        client.connect(
                connect(5, "order")
                        .will("order/will", "payload", 0, properties)
                        .credentials("name", "word"));
        Credentials seen = Objects.requireNonNull(SEEN.get());
        assertThat(seen.clientIdentifier()).isEqualTo("order");
        assertThat(seen.username()).contains("name");
        assertThat(seen.password().map(word -> new String(word, UTF_8))).contains("word");
        client.close();
        RawClient.Packet will = StrictReader.publish(watcher, "payload");
        assertThat(will.topic()).isEqualTo("order/will");
        assertThat(will.propertyList().text(Packets.CONTENT_TYPE)).isEqualTo("type");
    }

    /** MQTT 3.1.1 did not allow a password alone [MQTT5 3.1.2.9]. */
    @Test
    void takesAPasswordWithoutUserName() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "token").flags(0x40).payload(text("token")));
        Credentials seen = Objects.requireNonNull(SEEN.get());
        assertThat(seen.username()).isEmpty();
        assertThat(seen.password().map(word -> new String(word, UTF_8))).contains("token");
    }

    @Test
    void takesAnyBytesAsPassword() {
        RawClient client = BROKER.raw().speaking(5);
        byte[] word = bytes("00 FF C0 80 ED A0 80");
        client.connect(connect(5, "binary").flags(0x40).payload(Packets.binary(word)));
        assertThat(Objects.requireNonNull(SEEN.get()).password()).hasValue(word);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "Z",
                "0",
                "0123456789abcdefghijklm",
                "nopqrstuvwxyzABCDEFGHIJ",
                "KLMNOPQRSTUVWXYZ"
            })
    @Normative(mqtt5 = "3.1.3-5")
    void takesClientIdentifiersThatEachServerMustTake(String name) {
        StrictReader.accepted(BROKER.raw().speaking(5).send(connect(5, name).bytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"client/1", "a b", "é€", "+#$", "123456789012345678901234"})
    void takesOtherClientIdentifiersToo(String name) {
        StrictReader.accepted(BROKER.raw().speaking(5).send(connect(5, name).bytes()));
        String longName = "x".repeat(1_000);
        StrictReader.accepted(BROKER.raw().speaking(5).send(connect(5, longName).bytes()));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                arguments("unknown", 0x86),
                arguments("forbidden", 0x87),
                arguments("misnamed", 0x85),
                arguments("banned", 0x8A),
                arguments("unlucky", 0x88));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    @Normative(mqtt5 = {"3.1.3-8", "3.1.4-2", "3.2.2-6", "3.2.2-7", "3.2.2-8", "4.13.2-1"})
    void closesWhenSignInFails(String name, int reason) {
        RawClient client = BROKER.raw().speaking(5);
        byte[] connect = connect(5, name).credentials("user", "password").bytes();
        StrictReader.refused(client.send(connect), reason);
    }

    /** It did not present credentials, so they cannot have been bad [MQTT5 3.2.2.2]. */
    @Test
    void tellsAClientWithoutCredentialsThatItIsNotAuthorized() {
        RawClient client = BROKER.raw().speaking(5);
        StrictReader.refused(client.send(connect(5, "unknown").bytes()), 0x87);
        BROKER.raw().send(connect(4, "unknown").bytes()).expectRefused(5);
    }

    @Test
    @Normative(mqtt5 = "3.1.4-6")
    void processesNothingThatFollowsARefusedConnect() {
        RawClient subscriber = BROKER.client(5, "after-subscriber").subscribe("after", 0);
        RawClient client = BROKER.raw().speaking(5);
        client.send(
                connect(5, "unknown").credentials("user", "password").bytes(),
                publish5("after", NO_PROPERTIES, "x"),
                subscribe5(1, "after", 0));
        StrictReader.refused(client, 0x86);
        RawClient malformed = BROKER.raw().speaking(5);
        malformed.send(
                connect(5, "after").flags(0x01).bytes(), publish5("after", NO_PROPERTIES, "y"));
        StrictReader.refused(malformed, 0x81);
        subscriber.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.1.4-3", "3.1.3-2"})
    void disconnectsTheOlderConnectionOfTheSameName() {
        RawClient older = BROKER.client(5, "taken");
        RawClient newer = BROKER.client(5, "taken");
        StrictReader.disconnected(older, 0x8E);
        newer.expectNothing();
        RawClient oldest = BROKER.client(4, "taken");
        StrictReader.disconnected(newer, 0x8E);
        BROKER.client(5, "taken");
        oldest.expectClosed();
    }

    @Test
    @Normative(mqtt5 = "3.1.3-2")
    void tellsClientIdentifiersApartByEachCharacter() {
        RawClient lower = BROKER.client(5, "case");
        RawClient upper = BROKER.client(5, "CASE");
        RawClient marked = BROKER.client(5, "\uFEFFcase");
        lower.expectNothing();
        upper.expectNothing();
        marked.expectNothing();
    }

    @Test
    void takesPacketsSentBeforeConnack() {
        RawClient client = BROKER.raw().speaking(5);
        client.send(
                connect(5, "eager").bytes(),
                subscribe5(1, "eager", 0),
                publish5("eager", NO_PROPERTIES, "x"));
        StrictReader.accepted(client);
        client.expect("90 04 00 01 00 00").expectPublish("x");
    }

    @Test
    void refusesAConnectWithoutClientIdentifier() {
        byte[] fields = bytes("00 04 4D 51 54 54 05 02 00 00 00");
        StrictReader.notAccepted(BROKER, packet(0x10, fields));
    }
}
