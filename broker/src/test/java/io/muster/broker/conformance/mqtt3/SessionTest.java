package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.DISCONNECT;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.conformance.mqtt3.Mqtt3Stage.connect;
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

/** Sessions: kept, resumed, thrown away, and what CONNACK says of them. */
@DisplayNameGeneration(StatementNames.class)
class SessionTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    private static void leave(RawClient client) {
        client.send(DISCONNECT).expectClosed();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    @Normative(mqtt3 = {"3.1.2-4", "3.1.4-3", "4.1.0-1"})
    void resumesASessionWithItsSubscriptions(int level) {
        String name = "resumed-" + level;
        RawClient client = STAGE.raw().connect(Packets.connect(level, name).resume(), false);
        leave(client.subscribe(name + "/a", 1).subscribe(name + "/b/+", 2));
        RawClient again = STAGE.raw().send(Packets.connect(level, name).resume().bytes());
        assertThat(again.expectType(2).reason()).isZero();
        STAGE.publish(2, name + "/a", "one");
        STAGE.publish(2, name + "/b/c", "two");
        RawClient.Packet one = again.expectPublish("one");
        assertThat(one.qos()).isEqualTo(1);
        assertThat(again.expectPublish("two").qos()).isEqualTo(2);
    }

    @Test
    @Normative(mqtt3 = "3.1.2-5")
    void storesMessagesOfQos1And2ForTheAbsent() {
        leave(STAGE.begin("absent").subscribe("absent/#", 2));
        STAGE.publish(1, "absent/1", "one");
        STAGE.publish(2, "absent/2", "two");
        STAGE.publish(1, "elsewhere", "not for it");
        RawClient again = STAGE.resume("absent");
        assertThat(again.expectPublish("one").qos()).isEqualTo(1);
        assertThat(again.expectPublish("two").qos()).isEqualTo(2);
        again.expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.1.2-5")
    void storesMessagesAlsoForOneWhoseConnectionWasLost() {
        STAGE.begin("lost").subscribe("lost", 1).close();
        STAGE.publish(1, "lost", "x");
        RawClient again = STAGE.resume("lost");
        again.send(puback(again.expectPublish("x").packetId()));
        leave(again);
        STAGE.resume("lost").expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-6", "3.1.4-3"})
    void startsAnewWithCleanSession() {
        RawClient client = STAGE.begin("anew").subscribe("anew", 1);
        client.send(publish(QOS_2, 7, "elsewhere", "x")).expect("50 02 00 07");
        leave(client);
        STAGE.publish(1, "anew", "queued");
        RawClient clean = STAGE.raw().connect(connect("anew"), false);
        STAGE.publish(1, "anew", "live");
        clean.expectNothing();
        // Nor is the identifier of its message remembered.
        RawClient watcher = STAGE.client("anew-watcher").subscribe("elsewhere", 0);
        clean.send(publish(Packets.DUP | QOS_2, 7, "elsewhere", "y")).expect("50 02 00 07");
        clean.send(pubrel(7)).expect("70 02 00 07");
        watcher.expectPublish("y");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Normative(mqtt3 = {"3.1.2-6", "3.2.2-3"})
    void leavesNothingOfACleanSession(boolean politely) {
        String name = "clean-" + politely;
        RawClient client = STAGE.client(name).subscribe(name, 1);
        if (politely) {
            leave(client);
        } else {
            client.close();
        }
        RawClient next = STAGE.begin(name);
        STAGE.publish(1, name, "x");
        next.expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.1.2-6", "3.1.4-2", "3.1.4-3"})
    void throwsASessionAwayAlsoAtATakeOver() {
        RawClient first = STAGE.begin("over").subscribe("over", 1);
        RawClient second = STAGE.raw().connect(connect("over"), false);
        first.expectClosed();
        STAGE.publish(1, "over", "x");
        second.expectNothing();
        second.close();
        STAGE.begin("over").expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.1.4-2", "3.1.2-4", "4.5.0-1"})
    void keepsASessionOverATakeOver() {
        RawClient first = STAGE.begin("moved").subscribe("moved", 1);
        RawClient second = STAGE.resume("moved");
        first.expectClosed();
        STAGE.publish(1, "moved", "x");
        second.expectPublish("x");
    }

    @Test
    @Normative(mqtt3 = "3.1.2-7")
    void keepsRetainedMessagesWhenTheSessionOfTheirPublisherEnds() {
        RawClient client = STAGE.client("keeper");
        client.send(publish(Packets.QOS_1 | Packets.RETAIN, 1, "keeper", "kept"));
        client.expect("40 02 00 01");
        leave(client);
        leave(STAGE.client("keeper"));
        STAGE.client("reader").subscribe("keeper", 0).expectPublish("kept");
    }

    @Test
    @Normative(mqtt3 = "3.1.3-2")
    void knowsSessionsByTheirClientIdentifierExactly() {
        leave(STAGE.begin("Exact"));
        STAGE.begin("exact").expectNothing();
        STAGE.begin("Exact ").expectNothing();
        STAGE.begin("Exac").expectNothing();
        STAGE.begin("E\u0301xact").expectNothing();
        STAGE.begin("\u00C9xact").expectNothing();
        STAGE.resume("Exact").expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.2.2-1")
    void saysThatThereIsNoSessionAfterACleanStart() {
        leave(STAGE.begin("flag"));
        STAGE.raw().send(connect("flag").bytes()).expect("20 02 00 00");
    }

    @Test
    @Normative(mqtt3 = {"3.2.2-2", "3.2.2-3"})
    void saysWhetherThereIsASession() {
        RawClient first = STAGE.raw().send(connect("present").resume().bytes());
        leave(first.expect("20 02 00 00"));
        STAGE.raw().send(connect("present").resume().bytes()).expect("20 02 01 00");
    }

    @Test
    @Normative(mqtt3 = {"4.1.0-1", "4.1.0-2"})
    void keepsTheSessionAsLongAsTheConnection() {
        RawClient client = STAGE.client("long").subscribe("long", 1);
        for (int i = 0; i < 5; i++) {
            STAGE.publish(1, "long", "" + i);
            client.send(puback(client.expectPublish("" + i).packetId())).expectNothing();
        }
        STAGE.publish(1, "long", "unacknowledged");
        int id = client.expectPublish("unacknowledged").packetId();
        client.expectNothing().send(puback(id)).expectNothing();
    }
}
