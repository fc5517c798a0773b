package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.REASON_STRING;
import static io.muster.broker.Packets.USER_PROPERTY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which reasons the broker gives in PUBACK, PUBREC, PUBREL and PUBCOMP [MQTT5 3.4 to 3.7]. */
@DisplayNameGeneration(StatementNames.class)
class AcknowledgementReasonTest {

    private static final String SECRET = Stage.FORBIDDEN + "x";

    @RegisterExtension static final Stage STAGE = Stage.with(Stage::forbid);

    private static byte[] publication(int qos, int id, String topic) {
        return publish5(qos, id, topic, NO_PROPERTIES, "x");
    }

    @Test
    @Normative(mqtt5 = "3.4.2-1")
    void pubackTellsWhetherSomebodySubscribes() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        client.send(publication(QOS_1, 1, topic));
        expectAcknowledge(client, PUBACK, 1, 0x10);
        STAGE.client().subscribe(topic, 0);
        client.send(publication(QOS_1, 1, topic)).expect("40 02 00 01");
    }

    @Test
    @Normative(mqtt5 = "3.5.2-1")
    void pubrecDoesNotTellWhetherSomebodySubscribes() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        client.send(publication(QOS_2, 1, topic));
        expectAcknowledge(client, PUBREC, 1, 0x00);
        STAGE.client().subscribe(topic, 0);
        client.send(publication(QOS_2, 2, topic)).expect("50 02 00 02");
    }

    @Test
    @Normative(mqtt5 = {"3.4.2-1", "4.13.2-1"})
    void pubackRefusesWhatIsNotPermitted() {
        RawClient client = STAGE.client();
        client.send(publication(QOS_1, 7, SECRET));
        RawClient.Packet puback = expectAcknowledge(client, PUBACK, 7, 0x87);
        assertThat(puback.propertyList().has(REASON_STRING)).isTrue();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.5.2-1", "4.3.3-9"})
    void pubrecRefusesWhatIsNotPermittedAndForgetsIt() {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient client = STAGE.client();
        client.send(publication(QOS_2, 7, SECRET));
        RawClient.Packet pubrec = expectAcknowledge(client, PUBREC, 7, 0x87);
        assertThat(pubrec.propertyList().has(REASON_STRING)).isTrue();
        client.send(publication(QOS_2, 7, topic));
        expectAcknowledge(client, PUBREC, 7, 0x00);
        watcher.expectPublish("x");
        client.send(pubrel(7));
        expectAcknowledge(client, PUBCOMP, 7, 0x00);
        client.send(pubrel(7));
        expectAcknowledge(client, PUBCOMP, 7, 0x92);
    }

    @Test
    @Normative(mqtt5 = {"3.7.2-1", "4.3.3-11"})
    void pubcompTellsThatAnIdentifierIsUnknown() {
        RawClient client = STAGE.client();
        client.send(pubrel(9));
        RawClient.Packet pubcomp = expectAcknowledge(client, PUBCOMP, 9, 0x92);
        assertThat(pubcomp.propertyList().has(REASON_STRING)).isTrue();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.6.2-1")
    void pubrelTellsThatAnIdentifierIsUnknown() {
        RawClient client = STAGE.client();
        client.send(pubrec(9));
        RawClient.Packet pubrel = expectAcknowledge(client, PUBREL, 9, 0x92);
        assertThat(pubrel.propertyList().has(REASON_STRING)).isTrue();
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x70})
    void goesOnAtAPubackOrPubcompForAnUnknownIdentifier(int first) {
        STAGE.client().send(Packets.packet(first, Packets.u16(9))).expectNothing();
    }

    @Test
    void givesNoReasonStringsToAClientThatWantsNone() {
        Packets.Connect connect = connect(5, STAGE.name()).with(u8(0x17, 0));
        RawClient client = STAGE.client(connect);
        client.send(publication(QOS_1, 1, SECRET)).expect("40 03 00 01 87");
        client.send(publication(QOS_2, 2, SECRET)).expect("50 03 00 02 87");
        client.send(pubrel(3)).expect("70 03 00 03 92");
        client.send(pubrec(4)).expect("62 03 00 04 92");
    }

    /** Whatever the broker would like to say, it fits into what the client takes. */
    private static void withEveryMaximumPacketSize(Consumer<RawClient> exchange) {
        for (int maximum = 40; maximum <= 120; maximum += 2) {
            Packets.Connect connect = connect(5, STAGE.name()).with(u32(0x27, maximum));
            try (RawClient client = STAGE.client(connect)) {
                exchange.accept(client);
                RawClient.Packet answer = client.read();
                assertThat(answer.body().length + 2).isLessThanOrEqualTo(maximum);
                int reason = answer.reason();
                assertThat(reason).as("reason in %s", answer.hex()).isIn(0x87, 0x92);
                assertThat(answer.propertyList().has(USER_PROPERTY)).isFalse();
            }
        }
    }

    @Test
    @Normative(mqtt5 = {"3.4.2-2", "3.4.2-3"})
    void pubackIsNeverTooLarge() {
        withEveryMaximumPacketSize(client -> client.send(publication(QOS_1, 1, SECRET)));
    }

    @Test
    @Normative(mqtt5 = {"3.5.2-2", "3.5.2-3"})
    void pubrecIsNeverTooLarge() {
        withEveryMaximumPacketSize(client -> client.send(publication(QOS_2, 1, SECRET)));
    }

    @Test
    @Normative(mqtt5 = {"3.6.2-2", "3.6.2-3"})
    void pubrelIsNeverTooLarge() {
        withEveryMaximumPacketSize(client -> client.send(pubrec(1)));
    }

    @Test
    @Normative(mqtt5 = {"3.7.2-2", "3.7.2-3"})
    void pubcompIsNeverTooLarge() {
        withEveryMaximumPacketSize(client -> client.send(pubrel(1)));
    }
}
