package io.muster.broker.conformance.authentication;

import static io.muster.broker.Packets.AUTHENTICATION_DATA;
import static io.muster.broker.Packets.AUTHENTICATION_METHOD;
import static io.muster.broker.Packets.MAXIMUM_PACKET_SIZE;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.USER_PROPERTY;
import static io.muster.broker.Packets.auth;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Wire.AUTH;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.publish;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.ANSWER;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.METHOD;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.QUESTION;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.WELCOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AUTH packets between CONNECT and CONNACK [MQTT5 4.12]. */
@DisplayNameGeneration(StatementNames.class)
class EnhancedAuthenticationTest {

    private static final int SUCCESS = 0x00;
    private static final int CONTINUE = 0x18;
    private static final int AGAIN = 0x19;

    @RegisterExtension
    static final Stage STAGE =
            Stage.with(settings -> settings.authenticator = new TwoStepAuthenticator());

    private static byte[] method(String name) {
        return text(AUTHENTICATION_METHOD, name);
    }

    private static byte[] data(String data) {
        return text(AUTHENTICATION_DATA, data);
    }

    private static Packets.Connect begin() {
        return connect(5, STAGE.name()).with(method(METHOD)).with(data("somebody"));
    }

    /** A client that has been asked the question. */
    private static RawClient asked() {
        RawClient client = STAGE.raw().send(begin().bytes());
        RawClient.Packet auth = expect(client, AUTH);
        assertThat(auth.reason()).isEqualTo(CONTINUE);
        assertThat(auth.propertyList().text(AUTHENTICATION_METHOD)).isEqualTo(METHOD);
        assertThat(auth.propertyList().text(AUTHENTICATION_DATA)).isEqualTo(QUESTION);
        return client;
    }

    private static byte[] answer(String answer) {
        return auth(CONTINUE, method(METHOD), data(answer));
    }

    @Test
    @Normative(mqtt5 = {"4.12.0-2", "4.12.0-5", "3.15.2-1"})
    void letsAClientInThatAnswersTheChallenge() {
        RawClient client = asked().send(answer(ANSWER));
        RawClient.Packet connack = client.expectType(2);
        assertThat(connack.reason()).isZero();
        assertThat(connack.propertyList().text(AUTHENTICATION_METHOD)).isEqualTo(METHOD);
        assertThat(connack.propertyList().text(AUTHENTICATION_DATA)).isEqualTo(WELCOME);
        client.subscribe("any", 1).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0xF1, 0xF2, 0xF4, 0xF8, 0xFF})
    @Normative(mqtt5 = "3.15.1-1")
    void closesAtReservedBitsOfAuth(int first) {
        byte[] wrong = answer(ANSWER);
        wrong[0] = (byte) first;
        RawClient client = asked().send(wrong);
        assertThat(client.expectType(2).reason()).isEqualTo(0x81);
        client.expectClosed();
    }

    @Test
    @Normative(mqtt5 = {"4.12.0-4", "4.13.2-1"})
    void refusesAClientThatAnswersWrongly() {
        RawClient.Packet connack = asked().send(answer("41")).expectRefused(0x86);
        assertThat(connack.propertyList().has(AUTHENTICATION_DATA)).isFalse();
    }

    @Test
    @Normative(mqtt5 = "4.12.0-4")
    void refusesAClientAtItsFirstStep() {
        Packets.Connect connect = connect(5, STAGE.name()).with(method(METHOD));
        STAGE.raw().send(connect.bytes()).expectRefused(0x86);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNKNOWN", "two-step", "TWO-STEP ", ""})
    @Normative(mqtt5 = "4.12.0-1")
    void refusesAMethodThatItDoesNotKnow(String unknown) {
        Packets.Connect connect = connect(5, STAGE.name()).with(method(unknown));
        STAGE.raw().send(connect.bytes()).expectRefused(0x8C);
    }

    @Test
    @Normative(mqtt5 = "4.12.0-1")
    void refusesAnyMethodWhereNoneIsKnown() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.raw().speaking(5).send(begin().bytes()).expectRefused(0x8C);
        }
    }

    @Test
    @Normative(mqtt5 = "4.12.0-6")
    void sendsNeitherAuthNorMethodToAClientThatNamedNone() {
        RawClient client = STAGE.raw().send(connect(5, STAGE.name()).bytes());
        RawClient.Packet connack = client.expectType(2);
        assertThat(connack.reason()).isZero();
        assertThat(connack.propertyList().has(AUTHENTICATION_METHOD)).isFalse();
        assertThat(connack.propertyList().has(AUTHENTICATION_DATA)).isFalse();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void refusesDataWithoutMethod() {
        Packets.Connect connect = connect(5, STAGE.name()).with(data("x"));
        STAGE.raw().send(connect.bytes()).expectRefused(0x82);
    }

    @ParameterizedTest
    @ValueSource(ints = {AUTHENTICATION_METHOD, AUTHENTICATION_DATA})
    @Normative(mqtt5 = "4.13.1-1")
    void refusesMethodOrDataTwice(int id) {
        STAGE.raw().send(begin().with(text(id, METHOD)).bytes()).expectRefused(0x82);
    }

    /** No DISCONNECT before CONNACK: whatever is answered is a CONNACK that says no. */
    private static void expectRefusedBeforeConnack(byte[] packet) {
        List<RawClient.Packet> answers = asked().send(packet, answer(ANSWER)).readToEnd();
        assertThat(answers).extracting(RawClient.Packet::type).isSubsetOf(2);
        assertThat(answers).allMatch(connack -> connack.reason() >= 0x80);
    }

    static Stream<byte[]> wrongSteps() {
        return Stream.of(
                auth(CONTINUE, method("OTHER"), data(ANSWER)),
                auth(CONTINUE, data(ANSWER)),
                auth(SUCCESS, method(METHOD), data(ANSWER)),
                auth(AGAIN, method(METHOD), data(ANSWER)),
                auth(0x80, method(METHOD)),
                auth(CONTINUE, method(METHOD), method(METHOD)),
                auth(CONTINUE, method(METHOD), data(ANSWER), data(ANSWER)),
                bytes("F0 00"),
                bytes("F1 00"));
    }

    @ParameterizedTest
    @MethodSource("wrongSteps")
    @Normative(mqtt5 = {"4.12.0-4", "3.14.0-1"})
    void refusesAWrongStep(byte[] packet) {
        expectRefusedBeforeConnack(packet);
    }

    static Stream<byte[]> otherPackets() {
        return Stream.of(
                Packets.PINGREQ,
                publish5("t", NO_PROPERTIES, "x"),
                publish5(QOS_1, 1, "t", NO_PROPERTIES, "x"),
                subscribe5(1, "t", 0),
                unsubscribe5(1, NO_PROPERTIES, "t"),
                puback(1),
                pubrel(1),
                connect(5, "again").bytes());
    }

    @ParameterizedTest
    @MethodSource("otherPackets")
    @Normative(mqtt5 = {"3.1.2-30", "4.12.0-4", "3.14.0-1", "4.13.1-1"})
    void refusesAnythingButAuthBeforeTheConnack(byte[] packet) {
        expectRefusedBeforeConnack(packet);
    }

    @Test
    @Normative(mqtt5 = {"4.12.0-4", "3.14.0-1"})
    void closesWhenTheClientLeavesInBetween() {
        asked().send(Packets.DISCONNECT).expectClosed();
    }

    @Test
    @Normative(mqtt5 = "4.12.0-4")
    void publishesNoWillOfAClientThatNeverCameIn() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        Packets.Connect connect = begin().will(topic, "will", 0, NO_PROPERTIES);
        RawClient client = STAGE.raw().send(connect.bytes());
        expect(client, AUTH);
        client.send(answer("41")).expectRefused(0x86);
        publish(STAGE.client(), 0, topic, "fence");
        watcher.expectPublish("fence");
    }

    @Test
    @Normative(mqtt5 = "4.12.0-4")
    void disturbsNoSessionBeforeTheClientIsLetIn() {
        String name = STAGE.name();
        RawClient present = STAGE.client(connect(5, name));
        Packets.Connect connect = connect(5, name).with(method(METHOD)).with(data("thief"));
        RawClient client = STAGE.raw().send(connect.bytes());
        expect(client, AUTH);
        present.expectNothing();
        client.send(answer("41")).expectRefused(0x86);
        present.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.15.2-2", "3.15.2-3"})
    void sendsNoAuthThatIsLargerThanTheClientTakes() {
        for (int maximum = 60; maximum <= 120; maximum += 10) {
            Packets.Connect connect = begin().with(u32(MAXIMUM_PACKET_SIZE, maximum));
            RawClient.Packet auth = expect(STAGE.raw().send(connect.bytes()), AUTH);
            assertThat(auth.body().length + 2).isLessThanOrEqualTo(maximum);
            assertThat(auth.propertyList().has(USER_PROPERTY)).isFalse();
        }
    }
}
