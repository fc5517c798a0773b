package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.DUP;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QoS 0 and QoS 1, in both directions [MQTT5 4.3.1, 4.3.2]. */
@DisplayNameGeneration(StatementNames.class)
class AtLeastOnceTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    @ParameterizedTest
    @ValueSource(ints = {0, QOS_1, QOS_1 | DUP, QOS_2})
    @Normative(mqtt5 = "4.3.1-1")
    void sendsQos0WithoutDupHoweverItWasPublished(int flags) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        publish(STAGE.client(), flags, topic, "x");
        assertThat(client.expectPublish("x").firstByte()).isEqualTo(0x30);
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"4.3.2-1", "4.3.2-2"})
    void sendsEachMessageWithAnUnusedIdentifierAndWithoutDup() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 1);
        RawClient publisher = STAGE.client();
        Set<Integer> identifiers = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            publish(publisher, i % 2 == 0 ? QOS_1 : QOS_1 | DUP, topic, "m" + i);
            RawClient.Packet packet = client.expectPublish("m" + i);
            assertThat(packet.firstByte()).isEqualTo(0x32);
            assertThat(packet.packetId()).isPositive();
            assertThat(identifiers.add(packet.packetId())).as("unused").isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PUBREC, PUBCOMP})
    @Normative(mqtt5 = {"4.3.2-3", "4.13.1-1"})
    void takesNothingButAPubackForTheAcknowledgementOfAPublish(int type) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 1);
        publish(STAGE.client(), QOS_1, topic, "x");
        int id = client.expectPublish("x").packetId();
        client.send(acknowledge(type, id, 0x00)).expectDisconnect5(0x82);
    }

    @Test
    @Normative(mqtt5 = {"4.3.2-3", "4.13.1-1"})
    void ignoresAnAcknowledgementOfAnUnknownIdentifierThatMayHaveComeLate() {
        RawClient client = STAGE.client();
        client.send(acknowledge(PUBACK, 9, 0x00), acknowledge(PUBCOMP, 9, 0x00)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.3.2-1")
    void doesNotGiveAwayAnIdentifierThatIsInUseWhenItHasCountedThroughAll() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 1);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, topic, "kept");
        int kept = client.expectPublish("kept").packetId();
        byte[][] burst = new byte[64][];
        for (int i = 0; i < burst.length; i++) {
            burst[i] = publish5(QOS_1, i + 1, topic, NO_PROPERTIES, "x");
        }
        for (int sent = 0; sent <= 0x1_0000; sent += burst.length) {
            publisher.send(burst);
            for (int i = 0; i < burst.length; i++) {
                int id = client.read().packetId();
                assertThat(id).isNotEqualTo(kept).isPositive();
                client.send(puback(id));
                expectAcknowledge(publisher, PUBACK, i + 1, 0x00);
            }
        }
    }

    @Test
    @Normative(mqtt5 = "4.3.2-3")
    void treatsAMessageAsUnacknowledgedUntilItsPuback() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        publish(STAGE.client(), QOS_1, name, "x");
        int id = client.expectPublish("x").packetId();
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        RawClient.Packet packet = again.expectPublish("x");
        assertThat(packet.packetId()).isEqualTo(id);
        assertThat(packet.duplicate()).isTrue();
        again.send(puback(id)).expectNothing();
        again.close();
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 0x00FF, 0x0100, 0x7FFF, 0x8000, 0xFFFF})
    @Normative(mqtt5 = "4.3.2-4")
    void answersWithThePacketIdentifierOfThePublish(int id) {
        RawClient client = STAGE.client();
        client.send(publish5(QOS_1, id, STAGE.name(), NO_PROPERTIES, "x"));
        expectAcknowledge(client, PUBACK, id, 0x00, 0x10);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, DUP})
    @Normative(mqtt5 = "4.3.2-5")
    void takesAnIdentifierForNewAfterItsPuback(int duplicate) {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient publisher = STAGE.client();
        for (String payload : new String[] {"first", "second"}) {
            publisher.send(publish5(QOS_1 | duplicate, 4, topic, NO_PROPERTIES, payload));
            expectAcknowledge(publisher, PUBACK, 4, 0x00);
            watcher.expectPublish(payload);
        }
    }

    @Test
    @Normative(mqtt5 = {"4.5.0-1", "4.3.2-4"})
    void ownsWhatItHasAcknowledgedAlsoForClientsThatAreAway() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        STAGE.drop(client, name);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "one");
        publish(publisher, QOS_2, name, "two");
        publisher.close();
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("one").duplicate()).isFalse();
        assertThat(again.expectPublish("two").duplicate()).isFalse();
    }
}
