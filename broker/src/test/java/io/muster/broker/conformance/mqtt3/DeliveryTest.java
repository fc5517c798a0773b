package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.DUP;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a message is delivered, over lost connections too. */
@DisplayNameGeneration(StatementNames.class)
class DeliveryTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @Test
    @Normative(mqtt3 = "4.3.1-1")
    void sendsQos0OnceAndNeverAgain() {
        RawClient client = STAGE.begin("zero").subscribe("zero", 2);
        STAGE.publish(0, "zero", "x");
        assertThat(client.expectPublish("x").firstByte()).isEqualTo(0x30);
        client.close();
        STAGE.resume("zero").expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"4.3.2-1", "4.4.0-1", "4.1.0-1"})
    void holdsAMessageOfQos1UntilItIsAcknowledged() {
        RawClient first = STAGE.begin("one").subscribe("one", 1);
        STAGE.publish(1, "one", "x");
        RawClient.Packet packet = first.expectPublish("x");
        assertThat(packet.duplicate()).isFalse();
        first.expectNothing(); // No repetition while the connection lasts.
        first.close();
        for (int i = 0; i < 3; i++) {
            RawClient again = STAGE.resume("one");
            RawClient.Packet repeated = again.expectPublish("x");
            assertThat(repeated.firstByte()).isEqualTo(0x3A);
            assertThat(repeated.packetId()).isEqualTo(packet.packetId());
            again.close();
        }
        RawClient last = STAGE.resume("one");
        last.send(puback(last.expectPublish("x").packetId())).expectNothing();
        last.close();
        STAGE.resume("one").expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"4.3.2-1", "2.3.1-4"})
    void takesAnIdentifierAgainOnlyAfterItsAcknowledgement() {
        RawClient client = STAGE.client("wrap").subscribe("wrap", 1);
        RawClient publisher = STAGE.client("wrap-publisher");
        publisher.send(publish(QOS_1, 1, "wrap", "held")).expect("40 02 00 01");
        int held = client.expectPublish("held").packetId();
        byte[][] batch = new byte[500][];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = publish(QOS_1, i + 1, "wrap", "x");
        }
        for (int sent = 0; sent < 70_000; sent += batch.length) {
            publisher.send(batch);
            for (int i = 0; i < batch.length; i++) {
                int id = client.read().packetId();
                assertThat(id).isNotEqualTo(held).isNotZero();
                client.send(puback(id));
                publisher.read();
            }
        }
        client.send(puback(held)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = "4.3.2-2")
    void takesAnIdentifierAgainAsANewMessageOnceItIsAcknowledged(int level) {
        String topic = "new-" + level;
        RawClient watcher = STAGE.client("watch-" + topic).subscribe(topic, 0);
        RawClient client = STAGE.broker().client(level, topic);
        client.send(publish(QOS_1, 5, topic, "a")).expect("40 02 00 05");
        client.send(publish(QOS_1, 5, topic, "b")).expect("40 02 00 05");
        client.send(publish(DUP | QOS_1, 5, topic, "c")).expect("40 02 00 05");
        watcher.expectPublish("a");
        watcher.expectPublish("b");
        watcher.expectPublish("c");
    }

    @Test
    @Normative(mqtt3 = {"4.3.3-1", "4.4.0-1", "4.1.0-1"})
    void bringsAMessageOfQos2ToItsEndOverReconnects() {
        RawClient first = STAGE.begin("two").subscribe("two", 2);
        STAGE.publish(2, "two", "x");
        RawClient.Packet packet = first.expectPublish("x");
        assertThat(packet.firstByte()).isEqualTo(0x34);
        int id = packet.packetId();
        first.close();

        RawClient second = STAGE.resume("two");
        RawClient.Packet repeated = second.expectPublish("x");
        assertThat(repeated.firstByte()).isEqualTo(0x3C);
        assertThat(repeated.packetId()).isEqualTo(id);
        assertThat(second.send(pubrec(id)).expectType(6).packetId()).isEqualTo(id);
        second.expectNothing();
        second.close();

        RawClient third = STAGE.resume("two");
        assertThat(third.expectType(6).packetId()).isEqualTo(id);
        third.expectNothing(); // Not the PUBLISH again.
        third.close();

        RawClient fourth = STAGE.resume("two");
        assertThat(fourth.expectType(6).firstByte()).isEqualTo(0x62);
        fourth.send(pubcomp(id)).expectNothing();
        fourth.close();
        STAGE.resume("two").expectNothing();
    }

    @Test
    @Normative(mqtt3 = "4.3.3-1")
    void answersARepeatedPubrecWithPubrel() {
        RawClient client = STAGE.client("rec").subscribe("rec", 2);
        STAGE.publish(2, "rec", "x");
        int id = client.expectPublish("x").packetId();
        assertThat(client.send(pubrec(id)).expectType(6).packetId()).isEqualTo(id);
        assertThat(client.send(pubrec(id)).expectType(6).packetId()).isEqualTo(id);
        client.send(pubcomp(id)).expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = "4.3.3-2")
    void passesAMessageOfQos2OnOnce(int level) {
        String topic = "exactly-" + level;
        RawClient watcher = STAGE.client("watch-" + topic).subscribe(topic, 0);
        RawClient client = STAGE.broker().client(level, topic);
        client.send(publish(QOS_2, 5, topic, "x")).expect("50 02 00 05");
        client.send(publish(DUP | QOS_2, 5, topic, "x")).expect("50 02 00 05");
        client.send(publish(QOS_2, 5, topic, "x")).expect("50 02 00 05");
        client.send(pubrel(5)).expect("70 02 00 05");
        watcher.expectPublish("x");
        client.send(publish(QOS_2, 5, topic, "next")).expect("50 02 00 05");
        client.send(pubrel(5)).expect("70 02 00 05");
        watcher.expectPublish("next");
        STAGE.expectOnly(watcher, topic, "fence");
    }

    @Test
    @Normative(mqtt3 = {"4.3.3-2", "4.1.0-1", "3.1.2-4"})
    void passesAMessageOfQos2OnOnceOverReconnects() {
        RawClient watcher = STAGE.client("watch-over").subscribe("over", 0);
        RawClient first = STAGE.begin("over");
        first.send(publish(QOS_2, 7, "over", "x")).expect("50 02 00 07");
        first.close();
        RawClient second = STAGE.resume("over");
        second.send(publish(DUP | QOS_2, 7, "over", "x")).expect("50 02 00 07");
        second.send(pubrel(7)).expect("70 02 00 07");
        second.close();
        RawClient third = STAGE.resume("over");
        third.send(pubrel(7)).expect("70 02 00 07");
        third.send(publish(QOS_2, 7, "over", "next")).expect("50 02 00 07");
        third.send(pubrel(7)).expect("70 02 00 07");
        watcher.expectPublish("x");
        watcher.expectPublish("next");
        STAGE.expectOnly(watcher, "over", "fence");
    }

    @Test
    @Normative(mqtt3 = "4.3.3-2")
    void answersPubrelOfAnUnknownIdentifierWithPubcomp() {
        STAGE.client("unknown").send(pubrel(99)).expect("70 02 00 63");
    }

    @Test
    @Normative(mqtt3 = {"4.4.0-1", "4.6.0-1"})
    void repeatsNothingThatIsAcknowledged() {
        RawClient client = STAGE.begin("half").subscribe("half", 2);
        for (int i = 1; i <= 6; i++) {
            STAGE.publish(1 + i % 2, "half", "" + i);
        }
        int[] ids = new int[7];
        for (int i = 1; i <= 6; i++) {
            ids[i] = client.expectPublish("" + i).packetId();
        }
        client.send(puback(ids[2]), puback(ids[6]), pubrec(ids[3]));
        assertThat(client.expectType(6).packetId()).isEqualTo(ids[3]);
        client.send(pubcomp(ids[3])).expectNothing();
        client.close();
        RawClient again = STAGE.resume("half");
        assertThat(again.expectPublish("1").packetId()).isEqualTo(ids[1]);
        assertThat(again.expectPublish("4").packetId()).isEqualTo(ids[4]);
        assertThat(again.expectPublish("5").packetId()).isEqualTo(ids[5]);
        again.expectNothing();
    }

    @Test
    @Normative(mqtt3 = "4.5.0-1")
    void deliversToAllWithAMatchingSubscriptionPresentOrNot() {
        STAGE.begin("all-absent").subscribe("all/+", 1).send(Packets.DISCONNECT).expectClosed();
        RawClient first = STAGE.client("all-1").subscribe("all/#", 1);
        RawClient second = STAGE.client("all-2").subscribe("all/x", 2);
        RawClient third = STAGE.client("all-3").subscribe("all/y", 2);
        RawClient itself = STAGE.client("all-4").subscribe("+/x", 0);
        itself.send(publish(QOS_1, 1, "all/x", "x"));
        first.expectPublish("x");
        second.expectPublish("x");
        int types = itself.read().type() * itself.read().type();
        assertThat(types).as("PUBLISH and PUBACK").isEqualTo(3 * 4);
        STAGE.resume("all-absent").expectPublish("x");
        third.expectNothing();
    }
}
