package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again, and when [MQTT5 4.4]. */
@DisplayNameGeneration(StatementNames.class)
class RetryTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void expectRepeated(RawClient client, String payload, int id) {
        RawClient.Packet packet = client.expectPublish(payload);
        assertThat(packet.duplicate()).as("DUP of %s", payload).isTrue();
        assertThat(packet.packetId()).as("identifier of %s", payload).isEqualTo(id);
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void repeatsWhatIsUnacknowledgedWithItsIdentifiersAndInOrder() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "a");
        publish(publisher, QOS_2, name, "b");
        publish(publisher, QOS_2, name, "c");
        publish(publisher, QOS_1, name, "d");
        int a = client.expectPublish("a").packetId();
        int b = client.expectPublish("b").packetId();
        int c = client.expectPublish("c").packetId();
        int d = client.expectPublish("d").packetId();
        client.send(pubrec(b));
        expectAcknowledge(client, PUBREL, b, 0x00);
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        expectAcknowledge(again, PUBREL, b, 0x00);
        expectRepeated(again, "a", a);
        expectRepeated(again, "c", c);
        expectRepeated(again, "d", d);
        again.send(puback(a), pubcomp(b), puback(d), pubrec(c));
        expectAcknowledge(again, PUBREL, c, 0x00);
        again.send(pubcomp(c)).expectNothing();
    }

    /** The order of PUBREL is that of PUBREC, that of PUBLISH that of the first time. */
    @Test
    @Normative(mqtt5 = {"3.3.4-10", "4.4.0-1", "4.6.0-4", "4.9.0-3"})
    void repeatsPubrelAlsoWhereTheReceiveMaximumIsUsedUp() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        int[] ids = new int[5];
        for (int i = 0; i < ids.length; i++) {
            publish(publisher, i == 0 ? QOS_1 : QOS_2, name, "" + i);
            ids[i] = client.expectPublish("" + i).packetId();
        }
        for (int i : new int[] {3, 1}) {
            client.send(pubrec(ids[i]));
            expectAcknowledge(client, PUBREL, ids[i], 0x00);
        }
        client.close();
        RawClient again = STAGE.resumed(lasting(name).with(u16(0x21, 1)));
        expectAcknowledge(again, PUBREL, ids[3], 0x00);
        expectAcknowledge(again, PUBREL, ids[1], 0x00);
        expectRepeated(again, "0", ids[0]);
        again.send(pubcomp(ids[3]), pubcomp(ids[1])).expectNothing();
        again.send(puback(ids[0]));
        expectRepeated(again, "2", ids[2]);
        again.expectNothing();
    }

    /** The client comes back with less room than it had; what is too large counts as taken. */
    @ParameterizedTest
    @ValueSource(ints = {QOS_1, QOS_2})
    @Normative(mqtt5 = {"3.1.2-24", "3.1.2-25"})
    void doesNotRepeatWhatIsTooLargeForTheNewConnection(int qos) {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        String large = "x".repeat(500);
        publish(publisher, QOS_2, name, "released");
        int released = client.expectPublish("released").packetId();
        client.send(pubrec(released));
        expectAcknowledge(client, PUBREL, released, 0x00);
        publish(publisher, qos, name, large);
        publish(publisher, qos, name, "small");
        client.expectPublish(large);
        int small = client.expectPublish("small").packetId();
        client.close();
        Packets.Connect narrow = lasting(name).with(u32(0x27, 100)).with(u16(0x21, 1));
        RawClient again = STAGE.resumed(narrow);
        expectAcknowledge(again, PUBREL, released, 0x00);
        expectRepeated(again, "small", small);
        again.expectNothing();
        again.close();
        RawClient wide = STAGE.resumed(lasting(name));
        expectAcknowledge(wide, PUBREL, released, 0x00);
        expectRepeated(wide, "small", small);
        wide.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"4.4.0-1", "4.6.0-5"})
    void repeatsBeforeItSendsWhatWasQueuedMeanwhile() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "1");
        publish(publisher, QOS_1, name, "2");
        int one = client.expectPublish("1").packetId();
        int two = client.expectPublish("2").packetId();
        STAGE.drop(client, name);
        publish(publisher, QOS_1, name, "3");
        publish(publisher, QOS_1, name, "4");
        RawClient again = STAGE.resumed(lasting(name));
        expectRepeated(again, "1", one);
        expectRepeated(again, "2", two);
        assertThat(again.expectPublish("3").duplicate()).isFalse();
        assertThat(again.expectPublish("4").duplicate()).isFalse();
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void repeatsToAConnectionThatTakesOver() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        publish(STAGE.client(), QOS_1, name, "x");
        int id = client.expectPublish("x").packetId();
        expectRepeated(STAGE.resumed(lasting(name)), "x", id);
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void repeatsNothingAtACleanStart() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), QOS_2, name, "x");
        client.expectPublish("x");
        client.close();
        STAGE.client(connect(5, name)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void repeatsNothingOnALivingConnection() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, topic, "kept");
        publish(publisher, QOS_2, topic, "kept too");
        client.expectPublish("kept");
        client.expectPublish("kept too");
        for (int i = 0; i < 30; i++) {
            publish(publisher, QOS_1, topic, "m" + i);
            client.send(puback(client.expectPublish("m" + i).packetId()));
            client.subscribe(topic + "/other", 1);
        }
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {PUBACK, PUBREC})
    @Normative(mqtt5 = "4.4.0-2")
    void doesNotRepeatWhatTheClientRefused(int type) {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), type == PUBACK ? QOS_1 : QOS_2, name, "x");
        int id = client.expectPublish("x").packetId();
        client.send(acknowledge(type, id, 0x97)).expectNothing();
        client.close();
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void repeatsAsOftenAsTheClientComesBack() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        publish(STAGE.client(), QOS_1, name, "x");
        int id = client.expectPublish("x").packetId();
        client.close();
        for (int i = 0; i < 5; i++) {
            RawClient again = STAGE.resumed(lasting(name));
            expectRepeated(again, "x", id);
            again.close();
        }
    }

    @Test
    @Normative(mqtt5 = "4.4.0-1")
    void completesWhatItRepeatedAlsoIfItIsReceivedTwice() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        publish(STAGE.client(), QOS_2, name, "x");
        int id = client.expectPublish("x").packetId();
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        expectRepeated(again, "x", id);
        again.send(pubrec(id), pubrec(id));
        expect(again, PUBREL);
        expect(again, PUBREL);
        again.send(pubcomp(id)).expectNothing();
    }
}
