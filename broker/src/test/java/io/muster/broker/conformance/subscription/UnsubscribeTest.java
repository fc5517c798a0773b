package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBREL;
import static io.muster.broker.conformance.Wire.UNSUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.expectAcknowledge;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an UNSUBSCRIBE does and how it is answered [MQTT5 3.10.4, 3.11]. */
@DisplayNameGeneration(StatementNames.class)
class UnsubscribeTest {

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static List<Integer> unsubscribe(RawClient client, String... filters) {
        client.send(unsubscribe5(4, NO_PROPERTIES, filters));
        return expect(client, UNSUBACK).reasons();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0x00FF, 0x0100, 0x8000, 0xFFFF})
    @Normative(mqtt5 = {"3.10.4-4", "3.10.4-5"})
    void isAnsweredWithItsPacketIdentifierAlsoIfThereIsNothingToDelete(int id) {
        RawClient client = STAGE.client();
        client.send(unsubscribe5(id, NO_PROPERTIES, "none"));
        RawClient.Packet unsuback = expect(client, UNSUBACK);
        assertThat(unsuback.packetId()).isEqualTo(id);
        assertThat(unsuback.reasons()).containsExactly(0x11);
    }

    @Test
    @Normative(mqtt5 = {"3.10.4-6", "3.11.3-1", "3.11.3-2"})
    void isAnsweredForEveryFilterInItsPlace() {
        RawClient client = STAGE.client().subscribe("u/1", 0).subscribe("u/2", 1);
        assertThat(unsubscribe(client, "u/1", "u/3", "u/2", "u/1"))
                .containsExactly(0, 0x11, 0, 0x11);
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.10.4-1", "3.10.4-2"})
    void endsTheDelivery() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 2).subscribe(topic + "/other", 0);
        assertThat(unsubscribe(client, topic)).containsExactly(0x00);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, topic, "no");
        publish(publisher, QOS_1, topic + "/other", "yes");
        client.expectPublish("yes");
    }

    @Test
    @Normative(mqtt5 = "3.10.4-1")
    void comparesFiltersCharacterByCharacter() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic + "/a", 0).subscribe(topic + "/+", 0);
        assertThat(unsubscribe(client, topic + "/#", topic + "/A", topic + "/a/", topic))
                .containsOnly(0x11);
        publish(STAGE.client(), 0, topic + "/a", "x");
        client.expectPublish("x");
        assertThat(unsubscribe(client, topic + "/+")).containsExactly(0x00);
        publish(STAGE.client(), 0, topic + "/b", "not matched any more");
        publish(STAGE.client(), 0, topic + "/a", "y");
        client.expectPublish("y");
    }

    @Test
    @Normative(mqtt5 = "3.10.4-3")
    void completesWhatIsOnItsWay() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 2);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "one");
        publish(publisher, QOS_2, name, "two");
        int one = client.expectPublish("one").packetId();
        int two = client.expectPublish("two").packetId();
        assertThat(unsubscribe(client, name)).containsExactly(0x00);
        client.close();
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(again.expectPublish("one").packetId()).isEqualTo(one);
        assertThat(again.expectPublish("two").packetId()).isEqualTo(two);
        again.send(puback(one), pubrec(two));
        expectAcknowledge(again, PUBREL, two, 0x00);
        again.send(pubcomp(two)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.10.4-2")
    void countsForTheSessionAndNotForTheConnection() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        assertThat(unsubscribe(client, name)).containsExactly(0x00);
        STAGE.drop(client, name);
        publish(STAGE.client(), QOS_1, name, "no");
        STAGE.resumed(lasting(name)).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "3.10.4-1")
    void deletesOnlyTheSubscriptionOfItsClient() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        RawClient other = STAGE.client().subscribe(topic, 0);
        assertThat(unsubscribe(client, topic)).containsExactly(0x00);
        publish(STAGE.client(), 0, topic, "x");
        other.expectPublish("x");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.11.2-1", "3.11.2-2"})
    void isAnsweredWithNoMoreThanTheClientTakes() {
        for (int maximum = 40; maximum <= 120; maximum += 4) {
            Packets.Connect connect = connect(5, STAGE.name()).with(u32(0x27, maximum));
            try (RawClient client = STAGE.client(connect)) {
                client.send(unsubscribe5(1, NO_PROPERTIES, "none"));
                RawClient.Packet unsuback = expect(client, UNSUBACK);
                assertThat(unsuback.body().length + 2).isLessThanOrEqualTo(maximum);
                assertThat(unsuback.reasons()).containsExactly(0x11);
            }
        }
    }

    @Test
    @Normative(mqtt5 = {"3.10.4-1", "3.11.3-2"})
    void detachesFromASharedSubscriptionByItsFullFilter() {
        String topic = STAGE.name();
        String filter = "$share/g/" + topic;
        RawClient client = STAGE.client().subscribe(filter, 0).subscribe(filter, 1);
        assertThat(unsubscribe(client, topic, "$share/h/" + topic)).containsOnly(0x11);
        assertThat(unsubscribe(client, filter)).containsExactly(0x00);
        assertThat(unsubscribe(client, filter)).containsExactly(0x11);
        publish(STAGE.client(), QOS_1, topic, "no");
        client.expectNothing();
    }
}
