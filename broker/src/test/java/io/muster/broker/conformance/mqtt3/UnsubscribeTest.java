package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** UNSUBSCRIBE and UNSUBACK. */
@DisplayNameGeneration(StatementNames.class)
class UnsubscribeTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "UNSUBSCRIBE_.*FLAGS")
    @Normative(mqtt3 = "3.10.1-1")
    void closesForWrongFlags(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "UNSUBSCRIBE_FILTER_.*")
    @Normative(mqtt3 = {"3.10.3-1", "4.7.3-1", "4.7.3-2"})
    void closesForAFilterThatIsNoText(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = {"3.10.3-2", "4.8.0-1"})
    void closesWhereThereIsNoFilter() {
        STAGE.expectClosedAfter(MalformedPacket.UNSUBSCRIBE_WITHOUT_FILTER.bytes());
    }

    @Test
    @Normative(mqtt3 = "3.10.4-1")
    void endsTheSubscriptionOfExactlyThisFilter() {
        RawClient client = STAGE.client("exact");
        client.subscribe("exact/#", 0).subscribe("exact/+", 0).subscribe("exact/\u00E4", 0);
        client.send(unsubscribe(1, "exact/a")).expect("B0 02 00 01");
        client.send(unsubscribe(2, "EXACT/#")).expect("B0 02 00 02");
        client.send(unsubscribe(3, "exact/a\u0308")).expect("B0 02 00 03");
        client.send(unsubscribe(4, "exact/+/#")).expect("B0 02 00 04");
        STAGE.publish(0, "exact/a/b", "by #");
        client.expectPublish("by #");
        client.send(unsubscribe(5, "exact/#")).expect("B0 02 00 05");
        STAGE.publish(0, "exact/a/b", "by nobody");
        STAGE.publish(0, "exact/c", "by +");
        client.expectPublish("by +");
        client.send(unsubscribe(6, "exact/+")).expect("B0 02 00 06");
        STAGE.publish(0, "exact/c", "by nobody");
        STAGE.publish(0, "exact/\u00E4", "by name");
        client.expectPublish("by name");
    }

    @Test
    @Normative(mqtt3 = {"3.10.4-2", "3.10.4-4"})
    void deliversNoNewMessagesAfterUnsuback() {
        RawClient client = STAGE.client("stop").subscribe("stop", 2);
        STAGE.publish(0, "stop", "before");
        client.expectPublish("before");
        client.send(unsubscribe(0xABCD, "stop")).expect("B0 02 AB CD");
        for (int qos = 0; qos <= 2; qos++) {
            STAGE.publish(qos, "stop", "after");
        }
        client.expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.10.4-2", "3.10.4-1"})
    void remembersTheEndOfASubscriptionInTheSession() {
        RawClient client = STAGE.begin("gone").subscribe("gone", 1);
        client.send(unsubscribe(1, "gone")).expect("B0 02 00 01");
        client.close();
        STAGE.publish(1, "gone", "x");
        STAGE.resume("gone").expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.10.4-3")
    void completesDeliveriesThatHaveBegun() {
        RawClient client = STAGE.begin("begun").subscribe("begun", 2);
        STAGE.publish(1, "begun", "one");
        STAGE.publish(2, "begun", "two");
        STAGE.publish(2, "begun", "three");
        int one = client.expectPublish("one").packetId();
        int two = client.expectPublish("two").packetId();
        int three = client.expectPublish("three").packetId();
        client.send(unsubscribe(1, "begun")).expect("B0 02 00 01");
        client.send(pubrec(two));
        assertThat(client.expectType(6).packetId()).isEqualTo(two);
        client.close();

        RawClient again = STAGE.resume("begun");
        assertThat(again.expectType(6).packetId()).isEqualTo(two);
        assertThat(again.expectPublish("one").packetId()).isEqualTo(one);
        assertThat(again.expectPublish("three").packetId()).isEqualTo(three);
        again.send(puback(one), pubcomp(two), pubrec(three));
        assertThat(again.expectType(6).packetId()).isEqualTo(three);
        again.send(pubcomp(three)).expectNothing();
    }

    @Test
    @Normative(mqtt3 = "3.10.4-5")
    void answersAlsoWhereNothingWasSubscribedTo() {
        STAGE.client("never").send(unsubscribe(9, "never/#")).expect("B0 02 00 09");
    }

    @Test
    @Normative(mqtt3 = "3.10.4-6")
    void treatsSeveralFiltersWithOneAnswer() {
        RawClient client = STAGE.client("many");
        client.subscribe("many/a", 0).subscribe("many/b", 0).subscribe("many/c", 0);
        client.send(unsubscribe(3, "many/a", "many/x", "many/c", "many/a"));
        client.expect("B0 02 00 03").expectNothing();
        STAGE.publish(0, "many/a", "x");
        STAGE.publish(0, "many/c", "x");
        STAGE.expectOnly(client, "many/b", "fence");
    }
}
