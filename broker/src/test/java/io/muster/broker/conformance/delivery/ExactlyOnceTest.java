package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.DUP;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBCOMP;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QoS 2 in both directions [MQTT5 4.3.3]. */
@DisplayNameGeneration(StatementNames.class)
class ExactlyOnceTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static byte[] publication(int id, String topic, String payload) {
        return publish5(QOS_2, id, topic, NO_PROPERTIES, payload);
    }

    private static byte[] repeated(byte[] publication) {
        byte[] again = publication.clone();
        again[0] |= DUP;
        return again;
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-1", "4.3.3-2"})
    void sendsEachMessageWithAnUnusedIdentifierAndWithoutDup() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        Set<Integer> identifiers = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            publish(publisher, QOS_2, topic, "m" + i);
            RawClient.Packet packet = client.expectPublish("m" + i);
            assertThat(packet.firstByte()).isEqualTo(0x34);
            assertThat(packet.packetId()).isPositive();
            assertThat(identifiers.add(packet.packetId())).as("unused").isTrue();
        }
    }

    @Test
    @Normative(mqtt5 = "4.3.3-1")
    void doesNotReuseAnIdentifierBeforeItsPubcomp() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_2, topic, "first");
        int first = client.expectPublish("first").packetId();
        client.send(pubrec(first));
        expectAcknowledge(client, PUBREL, first, 0x00);
        for (int i = 0; i < 10; i++) {
            publish(publisher, QOS_2, topic, "x");
            assertThat(client.expectPublish("x").packetId()).isNotEqualTo(first);
        }
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-3", "4.3.3-4", "4.3.3-5", "4.3.3-6"})
    void repeatsWhereItStoodUntilItsAcknowledgement() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), QOS_2, name, "x");
        int id = client.expectPublish("x").packetId();
        client.close();
        RawClient second = STAGE.resumed(lasting(name));
        RawClient.Packet again = second.expectPublish("x");
        assertThat(again.packetId()).isEqualTo(id);
        assertThat(again.duplicate()).isTrue();
        second.send(pubrec(id));
        expectAcknowledge(second, PUBREL, id, 0x00);
        second.close();
        RawClient third = STAGE.resumed(lasting(name));
        expectAcknowledge(third, PUBREL, id, 0x00);
        third.expectNothing().send(pubcomp(id)).expectNothing();
        third.close();
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {PUBACK, PUBCOMP})
    @Normative(mqtt5 = {"4.3.3-3", "4.13.1-1"})
    void takesNothingButAPubrecForTheAcknowledgementOfAPublish(int type) {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), QOS_2, name, "x");
        int id = client.expectPublish("x").packetId();
        client.send(acknowledge(type, id, 0x00)).expectDisconnect5(0x82);
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("x").packetId()).isEqualTo(id);
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-5", "4.13.1-1"})
    void takesNothingButAPubcompOrAnotherPubrecAfterAPubrec() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        publish(STAGE.client(), QOS_2, topic, "x");
        int id = client.expectPublish("x").packetId();
        client.send(pubrec(id));
        expectAcknowledge(client, PUBREL, id, 0x00);
        client.send(acknowledge(PUBACK, id, 0x00)).expectDisconnect5(0x82);
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-4", "4.3.3-6"})
    void answersARepeatedPubrecWithPubrel() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        publish(STAGE.client(), QOS_2, topic, "x");
        int id = client.expectPublish("x").packetId();
        for (int i = 0; i < 3; i++) {
            client.send(pubrec(id));
            expectAcknowledge(client, PUBREL, id, 0x00);
        }
        client.send(pubcomp(id)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.3.3-4")
    void sendsNoPubrelAfterARefusal() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), QOS_2, name, "x");
        int id = client.expectPublish("x").packetId();
        client.send(acknowledge(PUBREC, id, 0x80)).expectNothing();
        client.close();
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-7", "4.3.3-13"})
    void doesNotLetAMessageExpireOnceItIsOnItsWay() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        publisher.send(publish5(QOS_2, 3, name, u32(0x02, 1), "brief"));
        expectAcknowledge(publisher, PUBREC, 3, 0x00);
        int id = client.expectPublish("brief").packetId();
        client.close();
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
        publisher.send(pubrel(3));
        expectAcknowledge(publisher, PUBCOMP, 3, 0x00);
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("brief").packetId()).isEqualTo(id);
        again.send(pubrec(id));
        expectAcknowledge(again, PUBREL, id, 0x00);
        again.send(pubcomp(id)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0x00FF, 0x0100, 0x8000, 0xFFFF})
    @Normative(mqtt5 = {"4.3.3-8", "4.3.3-11"})
    void answersWithThePacketIdentifierOfThePublish(int id) {
        RawClient client = STAGE.client();
        client.send(publication(id, STAGE.name(), "x"));
        expectAcknowledge(client, PUBREC, id, 0x00);
        client.send(pubrel(id));
        expectAcknowledge(client, PUBCOMP, id, 0x00);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Normative(mqtt5 = "4.3.3-10")
    void deliversOnceWhatIsPublishedTwiceBeforeItsPubrel(boolean marked) {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 2);
        RawClient client = STAGE.client();
        byte[] publication = publication(6, topic, "once");
        client.send(publication);
        expectAcknowledge(client, PUBREC, 6, 0x00);
        for (int i = 0; i < 2; i++) {
            client.send(marked ? repeated(publication) : publication);
            expectAcknowledge(client, PUBREC, 6, 0x00, 0x91);
        }
        client.send(pubrel(6));
        expectAcknowledge(client, PUBCOMP, 6, 0x00);
        watcher.expectPublish("once");
        watcher.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-10", "4.1.0-1"})
    void deliversOnceWhatIsRepeatedOnANewConnection() {
        String name = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(name, 2);
        RawClient client = STAGE.client(lasting(name + "c"));
        byte[] publication = publication(6, name, "once");
        client.send(publication);
        expectAcknowledge(client, PUBREC, 6, 0x00);
        client.close();
        RawClient again = STAGE.resumed(lasting(name + "c"));
        again.send(repeated(publication));
        expectAcknowledge(again, PUBREC, 6, 0x00);
        again.send(pubrel(6));
        expectAcknowledge(again, PUBCOMP, 6, 0x00);
        watcher.expectPublish("once");
        watcher.expectNothing();
    }

    /** What ended the connection was not taken, so its identifier is not in use. */
    @Test
    @Normative(mqtt5 = {"4.3.3-8", "4.3.3-10", "4.13.1-1"})
    void takesAnIdentifierForNewAfterAViolation() {
        String name = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(name + "/good", 0);
        RawClient client = STAGE.client(lasting(name));
        client.send(publication(6, name + "/+", "bad"));
        client.expectDisconnect5(0x81);
        RawClient again = STAGE.resumed(lasting(name));
        again.send(publication(6, name + "/good", "good"));
        expectAcknowledge(again, PUBREC, 6, 0x00);
        again.send(pubrel(6));
        expectAcknowledge(again, PUBCOMP, 6, 0x00);
        watcher.expectPublish("good");
    }

    @Test
    @Normative(mqtt5 = {"4.3.3-11", "4.1.0-1"})
    void completesOnANewConnectionWhatWasReceivedOnTheLast() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name));
        client.send(publication(6, name, "x"));
        expectAcknowledge(client, PUBREC, 6, 0x00);
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        again.send(pubrel(6));
        expectAcknowledge(again, PUBCOMP, 6, 0x00);
        again.send(pubrel(6));
        expectAcknowledge(again, PUBCOMP, 6, 0x92);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, DUP})
    @Normative(mqtt5 = "4.3.3-12")
    void takesAnIdentifierForNewAfterItsPubcomp(int duplicate) {
        String topic = STAGE.name();
        RawClient watcher = STAGE.client().subscribe(topic, 0);
        RawClient client = STAGE.client();
        for (String payload : new String[] {"first", "second"}) {
            client.send(publish5(QOS_2 | duplicate, 4, topic, NO_PROPERTIES, payload));
            expectAcknowledge(client, PUBREC, 4, 0x00);
            client.send(pubrel(4));
            expectAcknowledge(client, PUBCOMP, 4, 0x00);
            watcher.expectPublish(payload);
        }
    }
}
