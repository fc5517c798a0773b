package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.text;
import static io.muster.broker.conformance.mqtt3.Mqtt3Stage.connect;
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
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT and CONNACK: their format, and what is accepted. */
@DisplayNameGeneration(StatementNames.class)
class ConnectTest {

    private static final int WILL = 0x04;
    private static final int PASSWORD = 0x40;
    private static final int USER_NAME = 0x80;

    private static final Queue<Credentials> SEEN = new ConcurrentLinkedQueue<>();
    private static final Mqtt3Stage STAGE = stage();

    /** Lets everybody in but the user "nobody", and remembers what they signed in with. */
    private static Mqtt3Stage stage() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials -> {
                    SEEN.add(credentials);
                    boolean denied = credentials.username().filter("nobody"::equals).isPresent();
                    return CompletableFuture.completedFuture(
                            denied
                                    ? AuthResult.deny(DenyReason.BAD_CREDENTIALS, "nobody")
                                    : AuthResult.accept(BrokerFixture.anybody()));
                };
        return new Mqtt3Stage(settings);
    }

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C0 00",
                "E0 00",
                "30 03 00 01 61",
                "82 06 00 01 00 01 61 00",
                "20 02 00 00"
            })
    @Normative(mqtt3 = "3.1.0-1")
    void closesWhenTheFirstPacketIsNotConnect(String first) {
        STAGE.raw().send(bytes(first), connect("late").bytes()).expectClosed();
    }

    @Test
    @Normative(mqtt3 = "3.1.0-2")
    void closesAfterASecondConnect() {
        STAGE.expectClosedAfter(connect("breaker").bytes());
        RawClient old = STAGE.broker().client(3, "twice");
        old.send(Packets.connect(3, "twice").bytes(), PINGREQ).expectClosed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MQTX", "mqtt", "MQTTX", "MQT", "", "HTTP/1.1"})
    @Normative(mqtt3 = "3.1.2-1")
    void doesNotAcceptAnotherProtocol(String name) {
        STAGE.expectNotAccepted(connect("other").protocol(name, 4).bytes());
    }

    static Stream<Arguments> wrongCombinations() {
        return Stream.of(arguments("MQIsdp", 4), arguments("MQIsdp", 5), arguments("MQTT", 3));
    }

    @ParameterizedTest
    @MethodSource("wrongCombinations")
    @Normative(mqtt3 = "3.1.2-1")
    void doesNotAcceptANameWithTheLevelOfAnotherVersion(String name, int level) {
        STAGE.expectNotAccepted(connect("mixed").protocol(name, level).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 6, 7, 0x7F, 0x84, 0xFF})
    @Normative(mqtt3 = {"3.1.2-2", "3.2.2-4", "3.2.2-5"})
    void answersAnUnsupportedLevelWithCode1AndCloses(int level) {
        STAGE.raw().send(connect("level").protocol("MQTT", level).bytes()).expectRefused(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.1.4-4", "3.2.0-1"})
    void acceptsBothOldVersions(int level) {
        RawClient client = STAGE.raw().send(Packets.connect(level, "version-" + level).bytes());
        client.expect("20 02 00 00").expectNothing();
    }

    static Stream<Arguments> wrongFlags() {
        byte[] will = Packets.join(text("t"), text("x"));
        return Stream.of(
                arguments("3.1.2-3: reserved", connect("f").flags(0x01)),
                arguments("3.1.2-11: will fields", connect("f").payload(will)),
                arguments("3.1.2-13: will QoS 1", connect("f").flags(0x08)),
                arguments("3.1.2-13: will QoS 2", connect("f").flags(0x10)),
                arguments("3.1.2-13: will QoS 3", connect("f").flags(0x18)),
                arguments("3.1.2-14: QoS 3", connect("f").will("t", "x", 0x18, NO_PROPERTIES)),
                arguments("3.1.2-15: will retain", connect("f").flags(0x20)),
                arguments("3.1.2-18: user name", connect("f").payload(text("u"))),
                arguments("3.1.2-20: password", connect("f").flags(USER_NAME).payload(will)),
                arguments("3.1.2-22: no user", connect("f").flags(PASSWORD).payload(text("p"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFlags")
    @Normative(
            mqtt3 = {
                "3.1.2-3",
                "3.1.2-11",
                "3.1.2-13",
                "3.1.2-14",
                "3.1.2-15",
                "3.1.2-18",
                "3.1.2-20",
                "3.1.2-22",
                "3.1.4-1"
            })
    void closesWithoutConnackForFlagsThatDoNotFit(String rule, Packets.Connect connect) {
        STAGE.expectClosedWithoutConnack(connect.bytes());
    }

    static Stream<Arguments> missingFields() {
        return Stream.of(
                arguments("3.1.2-9: no will topic", connect("f").flags(WILL)),
                arguments("3.1.2-9: no will message", connect("f").flags(WILL).payload(text("t"))),
                arguments("3.1.2-19: no user name", connect("f").flags(USER_NAME)),
                arguments(
                        "3.1.2-21: no password",
                        connect("f").flags(USER_NAME | PASSWORD).payload(text("u"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("missingFields")
    @Normative(mqtt3 = {"3.1.2-9", "3.1.2-19", "3.1.2-21", "3.1.4-1"})
    void closesWithoutConnackWhereAFieldIsMissing(String rule, Packets.Connect connect) {
        STAGE.expectClosedWithoutConnack(connect.bytes());
    }

    @Test
    @Normative(mqtt3 = {"3.1.3-1", "3.1.2-19", "3.1.2-21", "3.1.2-9"})
    void readsTheFieldsInTheirOrder() {
        RawClient watcher = STAGE.client("order-watcher").subscribe("order/topic", 0);
        Packets.Connect connect = connect("order").will("order/topic", "bye", 0, NO_PROPERTIES);
        RawClient client = STAGE.raw().connect(connect.credentials("user", "secret"));
        Credentials seen =
                SEEN.stream()
                        .filter(each -> each.clientIdentifier().equals("order"))
                        .findAny()
                        .get();
        assertThat(seen.username()).contains("user");
        assertThat(seen.password()).contains(bytes("73 65 63 72 65 74"));
        client.close();
        watcher.expectPublish("bye");
    }

    @Test
    @Normative(mqtt3 = {"3.1.3-3", "3.1.4-1"})
    void closesWhereTheClientIdentifierIsMissing() {
        STAGE.expectClosedWithoutConnack(bytes("10 0A 00 04 4D 51 54 54 04 02 00 00"));
        STAGE.expectClosedWithoutConnack(bytes("10 0C 00 04 4D 51 54 54 04 02 00 00 00 05"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"C3 28", "ED A0 80", "C0 80", "61 00 62", "F4 90 80 80", "FF"})
    @Normative(mqtt3 = {"3.1.3-4", "3.1.3-10", "3.1.3-11", "1.5.3-1", "1.5.3-2", "3.1.4-1"})
    void closesWhereATextOfConnectIsNotUtf8(String hex) {
        byte[] text = Packets.binary(bytes(hex));
        byte[] head = bytes("00 04 4D 51 54 54 04 02 00 00");
        STAGE.expectClosedWithoutConnack(packet(0x10, head, text));
        STAGE.expectClosedWithoutConnack(connect("f").flags(WILL).payload(text, text("x")).bytes());
        STAGE.expectClosedWithoutConnack(connect("f").flags(USER_NAME).payload(text).bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQ"})
    @Normative(mqtt3 = "3.1.3-5")
    void acceptsIdentifiersOfLettersAndDigits(String identifier) {
        STAGE.client(identifier).expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.1.3-6")
    void givesEachClientWithAnEmptyIdentifierOneOfItsOwn() {
        RawClient first = STAGE.client("").subscribe("unnamed/1", 0);
        RawClient second = STAGE.client("").subscribe("unnamed/2", 0);
        STAGE.publish(0, "unnamed/1", "one");
        STAGE.publish(0, "unnamed/2", "two");
        first.expectPublish("one");
        second.expectPublish("two");
        first.expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.1.3-7", "3.1.3-8", "3.1.3-9", "3.2.2-4", "3.2.2-5"})
    void refusesAnEmptyIdentifierWithoutCleanSession() {
        STAGE.raw().send(connect("").resume().bytes()).expectRefused(2);
    }

    @Test
    @Normative(mqtt3 = {"3.1.3-9", "3.2.2-4", "3.2.2-5"})
    void refusesAnIdentifierThatBelongsToSomebodyElse() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(
                                        BrokerFixture.principal(
                                                credentials.username().orElse("somebody"))));
        try (Mqtt3Stage stage = new Mqtt3Stage(settings)) {
            RawClient owner = stage.raw().connect(connect("mine").credentials("a", "x"));
            stage.raw().send(connect("mine").credentials("b", "x").bytes()).expectRefused(2);
            owner.expectNothing();
        }
    }

    @Test
    @Normative(mqtt3 = {"3.2.2-4", "3.2.2-5"})
    void closesAfterARefusalAndSaysNothingOfASession() {
        STAGE.begin("refused").close();
        Packets.Connect connect = connect("refused").resume().credentials("nobody", "x");
        STAGE.raw().send(connect.bytes(), PINGREQ).expectRefused(4);
    }

    @Test
    @Normative(mqtt3 = "3.1.4-5")
    void doesNothingOfWhatFollowsARefusedConnect() {
        RawClient watcher = STAGE.client("calm").subscribe("calm", 0);
        RawClient client = STAGE.raw();
        client.send(
                connect("hasty").credentials("nobody", "x").bytes(),
                subscribe(1, "calm", 0),
                publish("calm", "never"),
                publish(Packets.RETAIN | Packets.QOS_1, 2, "calm", "never"));
        client.expectRefused(4);
        STAGE.expectOnly(watcher, "calm", "fence");
    }

    @Test
    @Normative(mqtt3 = {"3.2.0-1", "3.1.4-4"})
    void doesWhatFollowsAnAcceptedConnectAfterItsConnack() {
        STAGE.publishRetained(1, "eager", "kept");
        RawClient client = STAGE.raw();
        client.send(connect("eager").bytes(), subscribe(1, "eager", 0), PINGREQ);
        client.expect("20 02 00 00").expect("90 03 00 01 00");
        client.expectPublish("kept");
        client.expect("D0 00");
    }

    @Test
    @Normative(mqtt3 = "3.2.0-1")
    void sendsConnackBeforeWhatASessionIsOwed() {
        STAGE.begin("owed").subscribe("owed", 1).close();
        STAGE.publish(1, "owed", "waiting");
        STAGE.resume("owed").expectPublish("waiting");
    }

    /** Nothing in the table of codes says "malformed". */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10 00",
                "10 02 00 04",
                "10 0D 00 04 4D 51 54 54 04 02 00 00 00 02 61",
                "10 0E 00 04 4D 51 54 54 04 02 00 00 00 01 61 00",
                "11 0D 00 04 4D 51 54 54 04 02 00 00 00 01 61",
                "12 0D 00 04 4D 51 54 54 04 02 00 00 00 01 61",
                "18 0D 00 04 4D 51 54 54 04 02 00 00 00 01 61",
                "10 FF FF FF FF 01"
            })
    @Normative(mqtt3 = {"3.2.2-6", "3.1.4-1", "2.2.2-2"})
    void closesWithoutConnackWhereNoCodeFits(String hex) {
        STAGE.expectClosedWithoutConnack(bytes(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#", "+/b", "#"})
    @Normative(mqtt3 = {"4.7.3-1", "4.7.1-1", "3.3.2-2"})
    void closesForAWillTopicThatIsNoTopicName(String topic) {
        STAGE.expectClosedWithoutConnack(connect("f").will(topic, "x", 0, NO_PROPERTIES).bytes());
    }

    @Test
    @Normative(mqtt3 = "3.1.4-2")
    void disconnectsTheClientThatHadTheIdentifierBefore() {
        RawClient first = STAGE.client("same").subscribe("same", 0);
        RawClient second = STAGE.client("same");
        first.expectClosed();
        STAGE.publish(0, "same", "x");
        second.expectNothing();
        RawClient other = STAGE.client("SAME");
        second.expectNothing();
        other.expectNothing();
    }
}
