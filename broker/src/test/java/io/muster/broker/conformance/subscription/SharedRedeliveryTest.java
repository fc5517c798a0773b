package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.disconnect5;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBACK;
import static io.muster.broker.conformance.Wire.PUBLISH;
import static io.muster.broker.conformance.Wire.PUBREC;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.acknowledge;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a message when the member that has it leaves or refuses it [MQTT5 4.8.2]. */
@DisplayNameGeneration(StatementNames.class)
class SharedRedeliveryTest {

    private static final int PINGRESP = 13;

    @RegisterExtension static final Stage STAGE = Stage.open();

    /** A group of two lasting members, one of which has received a message. */
    private static final class Group {
        final String topic = STAGE.name();
        final String filter = "$share/g/" + topic;
        final List<String> names = List.of(topic + "a", topic + "b");
        final List<RawClient> members = new ArrayList<>();
        final int chosen;
        final RawClient.Packet packet;

        Group(int qos) {
            names.forEach(name -> members.add(STAGE.client(lasting(name)).subscribe(filter, qos)));
            publish(STAGE.client(), qos << 1, topic, "x");
            // An answer to a PINGREQ may overtake a message from another event loop.
            AtomicInteger turn = new AtomicInteger(-1);
            packet =
                    await().until(
                                    () -> next(members.get(turn.incrementAndGet() % 2)),
                                    each -> each.type() == PUBLISH);
            chosen = turn.get() % 2;
            assertThat(packet.payload()).isEqualTo("x");
            expect(members.get(chosen), PINGRESP);
            assertThat(next(members.get(1 - chosen)).type()).as("one only").isEqualTo(PINGRESP);
        }

        /** The message, or the answer to a PINGREQ if it has not come to this member. */
        private static RawClient.Packet next(RawClient member) {
            return member.send(Packets.PINGREQ).read();
        }

        String name() {
            return names.get(chosen);
        }

        RawClient chosen() {
            return members.get(chosen);
        }

        RawClient other() {
            return members.get(1 - chosen);
        }
    }

    @Test
    @Normative(mqtt5 = "4.8.2-4")
    void completesQos2WithTheClientThatBegan() {
        Group group = new Group(2);
        STAGE.drop(group.chosen(), group.name());
        group.other().expectNothing();
        RawClient again = STAGE.resumed(lasting(group.name()));
        RawClient.Packet repeated = again.expectPublish("x");
        int id = group.packet.packetId();
        assertThat(repeated.packetId()).isEqualTo(id);
        assertThat(repeated.duplicate()).isTrue();
        again.send(pubrec(id));
        expectAcknowledge(again, PUBREL, id, 0x00);
        again.send(pubcomp(id)).expectNothing();
        group.other().expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-5")
    void doesNotGiveQos2ToAnotherWhenTheSessionEnds() {
        Group group = new Group(2);
        group.chosen().send(disconnect5(0, u32(SESSION_EXPIRY, 0))).expectClosed();
        STAGE.awaitAway(group.name());
        group.other().expectNothing();
        publish(STAGE.client(), QOS_2, group.topic, "next");
        group.other().expectPublish("next");
    }

    /** A SHOULD: whoever is left gets what nobody has acknowledged. */
    @Test
    void givesQos1ToAnotherWhenTheSessionEnds() {
        Group group = new Group(1);
        group.chosen().send(disconnect5(0, u32(SESSION_EXPIRY, 0))).expectClosed();
        RawClient.Packet packet = group.other().expectPublish("x");
        assertThat(packet.qos()).isEqualTo(1);
        assertThat(packet.duplicate()).isFalse();
        group.other().send(puback(packet.packetId())).expectNothing();
    }

    @Test
    void givesQos1ToAnotherWhenTheSessionIsReplaced() {
        Group group = new Group(1);
        STAGE.client(connect(5, group.name())).expectNothing();
        RawClient.Packet packet = group.other().expectPublish("x");
        group.other().send(puback(packet.packetId())).expectNothing();
    }

    @Test
    void doesNotGiveAwayWhatWasAcknowledged() {
        Group group = new Group(1);
        group.chosen().send(puback(group.packet.packetId())).expectNothing();
        group.chosen().send(disconnect5(0, u32(SESSION_EXPIRY, 0))).expectClosed();
        STAGE.awaitAway(group.name());
        group.other().expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"1,128", "1,151", "2,128", "2,135"})
    @Normative(mqtt5 = "4.8.2-6")
    void discardsWhatAMemberRefuses(int qos, int reason) {
        Group group = new Group(qos);
        int type = qos == 1 ? PUBACK : PUBREC;
        group.chosen().send(acknowledge(type, group.packet.packetId(), reason)).expectNothing();
        group.other().expectNothing();
        STAGE.drop(group.chosen(), group.name());
        group.other().expectNothing();
        STAGE.resumed(lasting(group.name())).expectNothing();
    }

    @Test
    void forgetsWhatIsUndeliveredWithTheLastMember() {
        String topic = STAGE.name();
        String filter = "$share/g/" + topic;
        RawClient client = STAGE.client(lasting(topic)).subscribe(filter, 1);
        STAGE.drop(client, topic);
        publish(STAGE.client(), QOS_1, topic, "lost");
        STAGE.client(connect(5, topic)).expectNothing();
        STAGE.client().subscribe(filter, 1).expectNothing();
    }

    @Test
    void queuesForAGroupOfOneThatIsAway() {
        String topic = STAGE.name();
        RawClient client = STAGE.client(lasting(topic)).subscribe("$share/g/" + topic, 1);
        STAGE.drop(client, topic);
        publish(STAGE.client(), QOS_1, topic, "kept");
        STAGE.resumed(lasting(topic)).expectPublish("kept");
    }
}
