package io.muster.broker.conformance.authentication;

import static io.muster.broker.Packets.AUTHENTICATION_DATA;
import static io.muster.broker.Packets.AUTHENTICATION_METHOD;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.auth;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.text;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.AUTH;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectDisconnect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;
import static io.muster.broker.conformance.Wire.reasons;
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
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AUTH packets on an open connection [MQTT5 4.12.1, 3.15]. */
@DisplayNameGeneration(StatementNames.class)
class ReauthenticationTest {

    private static final int SUCCESS = 0x00;
    private static final int CONTINUE = 0x18;
    private static final int AGAIN = 0x19;

    @RegisterExtension
    static final Stage STAGE =
            Stage.with(settings -> settings.authenticator = new TwoStepAuthenticator());

    private static byte[] step(int reason, String data) {
        return auth(reason, text(AUTHENTICATION_METHOD, METHOD), text(AUTHENTICATION_DATA, data));
    }

    private static RawClient.Packet expectAuth(RawClient client, int reason) {
        RawClient.Packet packet = expect(client, AUTH);
        assertThat(packet.reason()).isEqualTo(reason);
        assertThat(packet.propertyList().text(AUTHENTICATION_METHOD)).isEqualTo(METHOD);
        return packet;
    }

    /** A client that was let in by the method. */
    private static RawClient authenticated(Packets.Connect connect) {
        RawClient client =
                STAGE.raw()
                        .send(
                                connect.with(text(AUTHENTICATION_METHOD, METHOD))
                                        .with(text(AUTHENTICATION_DATA, "somebody"))
                                        .bytes());
        expectAuth(client, CONTINUE);
        return client.send(step(CONTINUE, ANSWER)).expectConnack(false);
    }

    private static RawClient authenticated() {
        return authenticated(connect(5, STAGE.name()));
    }

    @Test
    @Normative(mqtt5 = {"3.15.2-1", "4.12.0-2", "4.12.0-5"})
    void succeedsAsOftenAsTheClientLikes() {
        RawClient client = authenticated();
        for (int i = 0; i < 3; i++) {
            client.send(step(AGAIN, "somebody"));
            RawClient.Packet challenge = expectAuth(client, CONTINUE);
            assertThat(challenge.propertyList().text(AUTHENTICATION_DATA)).isEqualTo(QUESTION);
            client.send(step(CONTINUE, ANSWER));
            RawClient.Packet success = expectAuth(client, SUCCESS);
            assertThat(success.propertyList().text(AUTHENTICATION_DATA)).isEqualTo(WELCOME);
            client.expectNothing();
        }
    }

    @Test
    @Normative(mqtt5 = {"4.12.1-2", "3.14.2-1"})
    void endsTheConnectionIfItFails() {
        RawClient client = authenticated().send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        client.send(step(CONTINUE, "41"));
        expectDisconnect(client, 0x86, 0x87);
    }

    @Test
    @Normative(mqtt5 = "4.12.1-2")
    void endsTheConnectionIfItTakesTooLong() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator = new TwoStepAuthenticator();
        settings.signInDeadline = Duration.ofMillis(500);
        try (BrokerFixture broker = settings.start()) {
            RawClient client =
                    broker.raw()
                            .speaking(5)
                            .send(
                                    connect(5, "slow")
                                            .with(text(AUTHENTICATION_METHOD, METHOD))
                                            .with(text(AUTHENTICATION_DATA, "somebody"))
                                            .bytes());
            expectAuth(client, CONTINUE);
            client.send(step(CONTINUE, ANSWER)).expectConnack(false);
            expectAuth(client.send(step(AGAIN, "somebody")), CONTINUE);
            expectDisconnect(client, 0x87);
        }
    }

    @Test
    @Normative(mqtt5 = "4.12.1-2")
    void endsTheConnectionIfTheClientBecomesSomebodyElse() {
        RawClient client = authenticated().send(step(AGAIN, "somebody else"));
        expectAuth(client, CONTINUE);
        client.send(step(CONTINUE, ANSWER));
        expectDisconnect(client, 0x87);
    }

    @Test
    @Normative(mqtt5 = "4.12.1-2")
    void publishesTheWillIfItFails() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient client =
                authenticated(connect(5, STAGE.name()).will(topic, "will", 0, NO_PROPERTIES));
        client.send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        client.send(step(CONTINUE, "41"));
        expectDisconnect(client, 0x86, 0x87);
        watcher.expectPublish("will");
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void letsOtherPacketsFlowMeanwhile() {
        String topic = STAGE.name();
        RawClient client = authenticated().subscribe(topic, 0);
        client.send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        client.expectNothing().subscribe(topic + "/more", 1);
        publish(client, QOS_1, topic + "/other", "x");
        publish(STAGE.client(), QOS_1, topic, "meanwhile");
        client.expectPublish("meanwhile");
        client.send(step(CONTINUE, ANSWER));
        expectAuth(client, SUCCESS);
    }

    @Test
    @Normative(mqtt5 = {"3.14.4-3", "3.14.4-2"})
    void isGivenUpWhenTheClientDisconnects() {
        RawClient client = authenticated().send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        client.send(Packets.DISCONNECT).expectClosed();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    other method        | 19 08 15 00 05 4F 54 48 45 52
                    no method           | 19 00
                    reason code alone   | 19
                    nothing             | ''
                    continue unasked    | 18 0B 15 00 08 54 57 4F 2D 53 54 45 50
                    success of a client | 00 0B 15 00 08 54 57 4F 2D 53 54 45 50
                    """)
    @Normative(mqtt5 = {"4.13.1-1", "4.12.1-2"})
    void endsTheConnectionAtAnAuthThatIsOutOfPlace(String what, String body) {
        byte[] content = body.isEmpty() ? new byte[0] : bytes(body);
        expectRefused(authenticated(), packet(0xF0, content), 0x81, 0x82);
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionIfItIsBegunTwice() {
        RawClient client = authenticated().send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        expectRefused(client, step(AGAIN, "somebody"), 0x82);
    }

    @Test
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionIfTheMethodChangesOnTheWay() {
        RawClient client = authenticated().send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        byte[] other =
                auth(
                        CONTINUE,
                        text(AUTHENTICATION_METHOD, "OTHER"),
                        text(AUTHENTICATION_DATA, ANSWER));
        expectRefused(client, other, 0x82);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xF1, 0xF2, 0xF4, 0xF8, 0xFF})
    @Normative(mqtt5 = "3.15.1-1")
    void endsTheConnectionAtReservedBits(int first) {
        byte[] wrong = step(AGAIN, "somebody");
        wrong[0] = (byte) first;
        expectRefused(authenticated(), wrong, 0x81);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    unknown reason code           | 81/82 | 01 04 15 00 01 61
                    reason code of a DISCONNECT   | 81/82 | 80 04 15 00 01 61
                    properties too long           | 81    | 19 09 15 00 01 61
                    properties too short          | 81    | 19 04 15 00 01 61 00
                    unknown property              | 81    | 19 06 15 00 01 61 7F 00
                    property of a CONNECT         | 81    | 19 09 15 00 01 61 11 00 00 00 00
                    method twice                  | 82    | 19 08 15 00 01 61 15 00 01 61
                    data twice                    | 82    | 19 0C 15 00 01 61 16 00 01 61 16 00 01 61
                    reason string twice           | 82    | 19 0C 15 00 01 61 1F 00 01 61 1F 00 01 61
                    method not UTF-8              | 81    | 19 05 15 00 02 C0 80
                    data cut off                  | 81    | 19 08 15 00 01 61 16 00 05 61
                    user property without a value | 81    | 19 08 15 00 01 61 26 00 01 61
                    """)
    @Normative(mqtt5 = "4.13.1-1")
    void endsTheConnectionAtAWrongAuth(String what, String answer, String body) {
        expectRefused(authenticated(), packet(0xF0, bytes(body)), reasons(answer));
    }

    @ParameterizedTest
    @ValueSource(ints = {AGAIN, CONTINUE, SUCCESS})
    @Normative(mqtt5 = {"4.12.0-6", "4.13.1-1"})
    void endsAConnectionThatNamedNoMethod(int reason) {
        expectRefused(STAGE.client(), step(reason, "somebody"), 0x82);
    }

    @Test
    @Normative(mqtt5 = {"4.12.0-6", "4.13.1-1"})
    void endsAConnectionWhereNoMethodIsKnown() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            expectRefused(broker.client(5, "plain"), step(AGAIN, "somebody"), 0x82);
        }
    }

    @Test
    @Normative(mqtt5 = "4.12.0-5")
    void isPossibleAlsoForAResumedSession() {
        String name = STAGE.name();
        authenticated(lasting(name)).send(Packets.DISCONNECT).expectClosed();
        byte[] connect =
                lasting(name)
                        .with(text(AUTHENTICATION_METHOD, METHOD))
                        .with(text(AUTHENTICATION_DATA, "somebody"))
                        .bytes();
        RawClient client = STAGE.raw().send(connect);
        expectAuth(client, CONTINUE);
        client.send(step(CONTINUE, ANSWER)).expectConnack(true);
        client.send(step(AGAIN, "somebody"));
        expectAuth(client, CONTINUE);
        client.send(step(CONTINUE, ANSWER));
        expectAuth(client, SUCCESS);
    }
}
