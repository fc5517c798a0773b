package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.REASON_STRING;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.WILL_DELAY;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.expectDisconnect;
import static io.muster.broker.conformance.Wire.expectRefused;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the broker ends a connection, and how a client does [MQTT5 3.14]. */
@DisplayNameGeneration(StatementNames.class)
class DisconnectTest {

    private static final byte[] MALFORMED = bytes("C1 00");

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void expectNoServerProperties(RawClient.Packet disconnect) {
        assertThat(disconnect.propertyList().has(SESSION_EXPIRY)).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    PUBLISH first          | 30 05 00 01 61 00 78
                    PINGREQ first          | C0 00
                    DISCONNECT first       | E0 00
                    AUTH first             | F0 02 18 00
                    SUBSCRIBE first        | 82 07 00 01 00 00 01 61 00
                    forbidden packet type  | 00 00
                    CONNECT with flags     | 11 0D 00 04 4D 51 54 54 05 02 00 00 00 00 00
                    CONNECT reserved bit   | 10 0D 00 04 4D 51 54 54 05 03 00 00 00 00 00
                    CONNECT cut off        | 10 05 00 04 4D 51 54
                    CONNECT wrong property | 10 0F 00 04 4D 51 54 54 05 02 00 00 02 7F 00 00 00
                    """)
    @Normative(mqtt5 = "3.14.0-1")
    void isNotSentBeforeASuccessfulConnack(String what, String hex) {
        RawClient client = STAGE.raw().send(bytes(hex));
        assertThat(client.readToEnd()).extracting(RawClient.Packet::type).isSubsetOf(2);
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void tellsThatAPacketWasMalformed() {
        RawClient.Packet packet = expectRefused(STAGE.client(), MALFORMED, 0x81);
        expectNoServerProperties(packet);
        assertThat(packet.propertyList().has(REASON_STRING)).isTrue();
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void tellsThatASessionWasTakenOver() {
        String name = STAGE.name();
        RawClient first = STAGE.client(lasting(name)).subscribe(name, 0);
        RawClient second = STAGE.resumed(lasting(name));
        expectNoServerProperties(expectDisconnect(first, 0x8E));
        publish(STAGE.client(), 0, name, "x");
        second.expectPublish("x");
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void tellsThatAClientWasSilentTooLong() {
        RawClient client = STAGE.client(connect(5, STAGE.name()).keepAlive(1));
        expectNoServerProperties(expectDisconnect(client, 0x8D));
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void tellsOfAnOperatorsDoing() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name));
        STAGE.broker().broker().clients().disconnect(name).toCompletableFuture().join();
        expectNoServerProperties(expectDisconnect(client, 0x98));
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void tellsThatTheBrokerStops() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "there");
            broker.broker().close();
            expectNoServerProperties(expectDisconnect(client, 0x8B));
        }
    }

    @Test
    @Normative(mqtt5 = {"3.14.2-3", "3.14.2-4", "3.14.2-1"})
    void isNeverLargerThanTheClientTakes() {
        for (int maximum = 40; maximum <= 120; maximum += 2) {
            Packets.Connect connect = connect(5, STAGE.name()).with(u32(0x27, maximum));
            try (RawClient client = STAGE.client(connect)) {
                RawClient.Packet packet = expectRefused(client, MALFORMED, 0x81);
                assertThat(packet.body().length + 2).isLessThanOrEqualTo(maximum);
            }
        }
    }

    @Test
    @Normative(mqtt5 = {"3.14.4-1", "3.14.4-2"})
    void isTheLastThatTheBrokerSends() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        byte[] message = publish5(topic, NO_PROPERTIES, "x");
        client.send(MALFORMED, message, message, Packets.PINGREQ, message);
        expectDisconnect(client, 0x81);
    }

    @Test
    @Normative(mqtt5 = "3.14.4-3")
    void letsTheBrokerForgetTheWill() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        String name = STAGE.name();
        Packets.Connect connect = lasting(name).will(topic, "will", 0, u32(WILL_DELAY, 0));
        STAGE.client(connect).send(Packets.DISCONNECT).expectClosed();
        STAGE.resumed(lasting(name)).close();
        publish(STAGE.client(), 0, topic, "fence");
        watcher.expectPublish("fence");
    }

    @Test
    @Normative(mqtt5 = "3.14.4-3")
    void endsTheWorkOnWhatComesBehindIt() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient client = STAGE.client();
        client.send(Packets.DISCONNECT, publish5(topic, NO_PROPERTIES, "late"), Packets.PINGREQ);
        client.expectClosed();
        publish(STAGE.client(), 0, topic, "fence");
        watcher.expectPublish("fence");
    }

    @Test
    @Normative(mqtt5 = "3.14.4-3")
    void comesAfterAllThatWentBeforeIt() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        STAGE.client()
                .send(publish5(topic, NO_PROPERTIES, "last words"), Packets.DISCONNECT)
                .expectClosed();
        watcher.expectPublish("last words");
    }
}
