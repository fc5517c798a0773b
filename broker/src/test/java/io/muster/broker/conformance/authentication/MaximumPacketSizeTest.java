package io.muster.broker.conformance.authentication;

import static io.muster.broker.Packets.ASSIGNED_CLIENT_IDENTIFIER;
import static io.muster.broker.Packets.AUTHENTICATION_DATA;
import static io.muster.broker.Packets.AUTHENTICATION_METHOD;
import static io.muster.broker.Packets.MAXIMUM_PACKET_SIZE;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.RECEIVE_MAXIMUM;
import static io.muster.broker.Packets.RESPONSE_INFORMATION;
import static io.muster.broker.Packets.SERVER_KEEP_ALIVE;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.auth;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.subscribeAll5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.ANSWER;
import static io.muster.broker.conformance.authentication.TwoStepAuthenticator.METHOD;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that take small packets only, of whatever type [MQTT5 3.1.2.11.4]. */
@DisplayNameGeneration(StatementNames.class)
class MaximumPacketSizeTest {

    private static final int LARGEST = 140;
    private static final byte[] WANTS_RESPONSE_INFORMATION = u8(0x19, 1);
    private static final byte[] SIGNS_IN =
            Packets.join(
                    text(AUTHENTICATION_METHOD, METHOD), text(AUTHENTICATION_DATA, "somebody"));

    @RegisterExtension
    static final Stage STAGE =
            Stage.with(
                    settings -> {
                        settings.authenticator = new TwoStepAuthenticator();
                        settings.keepAliveSecondsMax = 60;
                        settings.expiryMax = Duration.ofSeconds(100);
                        settings.responseInformation = "responses/${clientIdentifier}/";
                    });

    static IntStream sizes() {
        return IntStream.rangeClosed(1, LARGEST);
    }

    private static Packets.Connect small(int size, byte[]... properties) {
        Packets.Connect connect = connect(5, "").expiry(600).with(u32(MAXIMUM_PACKET_SIZE, size));
        for (byte[] property : properties) {
            connect = connect.with(property);
        }
        return connect;
    }

    /** Type, remaining length (of one byte here) and the rest. */
    private static int bytesOf(RawClient.Packet packet) {
        return 2 + packet.body().length;
    }

    @ParameterizedTest
    @MethodSource("sizes")
    @Normative(mqtt5 = {"3.1.2-24", "3.2.2-16", "3.2.2-21"})
    void leavesNothingOutOfAConnackThatTheClientNeeds(int size) {
        RawClient client = STAGE.raw().send(small(size, WANTS_RESPONSE_INFORMATION).bytes());
        RawClient.Packet connack = client.readOrEnd();
        if (connack == null) {
            assertThat(size).as("not even a refusal fits").isLessThan(5);
            return;
        }
        assertThat(bytesOf(connack)).isLessThanOrEqualTo(size);
        if (connack.reason() != 0) {
            assertThat(connack.reason()).isEqualTo(0x95);
            client.expectClosed();
            return;
        }
        PropertyList told = connack.propertyList();
        assertThat(told.text(ASSIGNED_CLIENT_IDENTIFIER)).isNotEmpty();
        assertThat(told.number(SERVER_KEEP_ALIVE)).isEqualTo(60);
        assertThat(told.number(SESSION_EXPIRY)).isEqualTo(100);
        assertThat(told.number(RECEIVE_MAXIMUM)).isEqualTo(100);
        assertThat(told.number(MAXIMUM_PACKET_SIZE)).isEqualTo(1 << 20);
    }

    @Test
    @Normative(mqtt5 = "3.1.2-24")
    void acceptsWithoutResponseInformationWhereThatDoesNotFit() {
        RawClient.Packet without =
                STAGE.raw().send(small(100, WANTS_RESPONSE_INFORMATION).bytes()).expectType(2);
        assertThat(without.reason()).isZero();
        assertThat(without.propertyList().has(RESPONSE_INFORMATION)).isFalse();
        RawClient.Packet with =
                STAGE.raw().send(small(200, WANTS_RESPONSE_INFORMATION).bytes()).expectType(2);
        assertThat(with.propertyList().text(RESPONSE_INFORMATION))
                .contains(with.propertyList().text(ASSIGNED_CLIENT_IDENTIFIER));
    }

    /** The text would have a length that its two bytes cannot tell. */
    @Test
    @Normative(mqtt5 = "1.5.4-1")
    void leavesOutResponseInformationThatIsTooLongForAText() {
        String name = "n".repeat(65_530);
        RawClient client = STAGE.raw();
        client.send(connect(5, name).with(WANTS_RESPONSE_INFORMATION).bytes());
        RawClient.Packet connack = client.expectType(2);
        assertThat(connack.reason()).isZero();
        assertThat(connack.propertyList().has(RESPONSE_INFORMATION)).isFalse();
        client.expectNothing();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    @Normative(mqtt5 = {"3.1.2-24", "4.12.0-5"})
    void sendsNoAuthThatIsTooLargeAndNoneWithoutItsMethod(int size) {
        RawClient client = STAGE.raw().send(small(size, SIGNS_IN).bytes());
        for (RawClient.Packet next = client.readOrEnd(); next != null; next = client.readOrEnd()) {
            assertThat(bytesOf(next)).isLessThanOrEqualTo(size);
            if (next.type() == 15) {
                assertThat(next.propertyList().text(AUTHENTICATION_METHOD)).isEqualTo(METHOD);
                client.send(
                        auth(
                                0x18,
                                text(AUTHENTICATION_METHOD, METHOD),
                                text(AUTHENTICATION_DATA, ANSWER)));
            } else {
                assertThat(next.reason()).isIn(0, 0x95);
                client.send(Packets.DISCONNECT);
            }
        }
    }

    /** A client whose largest packet is just as large as its CONNACK. */
    private static RawClient smallest() {
        RawClient.Packet connack =
                STAGE.raw().send(connect(5, "x").keepAlive(60).bytes()).expectType(2);
        return STAGE.raw()
                .connect(
                        connect(5, STAGE.name())
                                .keepAlive(60)
                                .with(u32(MAXIMUM_PACKET_SIZE, bytesOf(connack))));
    }

    private static byte[] subscribe(int filters) {
        byte[][] each =
                IntStream.range(0, filters)
                        .mapToObj(i -> Packets.filter("f" + i, 1))
                        .toArray(byte[][]::new);
        return subscribeAll5(1, NO_PROPERTIES, each);
    }

    private static byte[] unsubscribe(int filters) {
        String[] each = IntStream.range(0, filters).mapToObj(i -> "f" + i).toArray(String[]::new);
        return unsubscribe5(1, NO_PROPERTIES, each);
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-24", "3.8.4-1"})
    void carriesOutNoSubscribeWhoseAnswerIsTooLarge() {
        RawClient fits = smallest();
        fits.send(subscribe(5));
        assertThat(fits.expectType(9).reasons()).hasSize(5);
        RawClient client = smallest();
        client.send(subscribe(30)).expectDisconnect5(0x95);
    }

    @Test
    @Normative(mqtt5 = {"3.1.2-24", "3.10.4-4"})
    void carriesOutNoUnsubscribeWhoseAnswerIsTooLarge() {
        RawClient fits = smallest();
        fits.send(unsubscribe(5));
        assertThat(fits.expectType(11).reasons()).containsOnly(0x11).hasSize(5);
        RawClient client = smallest();
        client.send(unsubscribe(30)).expectDisconnect5(0x95);
    }

    @Test
    @Normative(mqtt5 = "3.1.2-24")
    void leavesOutTheReasonWhereADisconnectDoesNotFit() {
        List<RawClient.Packet> answers = smallest().send(connect(5, "again").bytes()).readToEnd();
        assertThat(answers).hasSize(1);
        assertThat(answers.get(0).reason()).isEqualTo(0x82);
        assertThat(Arrays.equals(answers.get(0).properties(), new byte[0])).isTrue();
    }
}
