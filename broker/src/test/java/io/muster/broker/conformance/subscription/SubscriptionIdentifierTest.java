package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.SUBSCRIPTION_IDENTIFIER;
import static io.muster.broker.Packets.filter;
import static io.muster.broker.Packets.subscribe5;
import static io.muster.broker.Packets.subscribeAll5;
import static io.muster.broker.Packets.variable;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.PUBLISH;
import static io.muster.broker.conformance.Wire.SUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscription identifiers [MQTT5 3.8.2.1.2, 3.8.4, 3.3.4]. */
@DisplayNameGeneration(StatementNames.class)
class SubscriptionIdentifierTest {

    private static final int LARGEST = 268_435_455;

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void subscribe(RawClient client, int identifier, String filter, int options) {
        byte[] properties =
                identifier == 0 ? NO_PROPERTIES : variable(SUBSCRIPTION_IDENTIFIER, identifier);
        client.send(subscribe5(3, properties, filter, options));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(options & 3);
    }

    private static List<Long> identifiers(RawClient.Packet packet) {
        return packet.propertyList().numbers(SUBSCRIPTION_IDENTIFIER);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, LARGEST})
    @Normative(mqtt5 = "3.3.4-3")
    void comesBackWithEveryMessage(int identifier) {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        subscribe(client, identifier, topic, 2);
        RawClient publisher = STAGE.client();
        for (int qos = 0; qos <= 2; qos++) {
            publish(publisher, qos << 1, topic, "q" + qos);
            RawClient.Packet packet = client.expectPublish("q" + qos);
            assertThat(identifiers(packet)).containsExactly((long) identifier);
        }
    }

    @Test
    @Normative(mqtt5 = "3.3.4-3")
    void isNotThereWhereNoneWasGiven() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 0);
        RawClient other = STAGE.client();
        subscribe(other, 9, topic, 0);
        publish(STAGE.client(), 0, topic, "x");
        assertThat(identifiers(client.expectPublish("x"))).isEmpty();
        assertThat(identifiers(other.expectPublish("x"))).containsExactly(9L);
    }

    /** One copy with all identifiers or a copy for each; neither loses one nor repeats one. */
    @Test
    @Normative(mqtt5 = {"3.3.4-2", "3.3.4-4", "3.3.4-5"})
    void comesBackForEachSubscriptionThatMatches() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        subscribe(client, 1, topic + "/a", 1);
        subscribe(client, 2, topic + "/+", 0);
        subscribe(client, 3, topic + "/#", 2);
        subscribe(client, 4, topic + "/b", 2);
        subscribe(client, 0, topic + "/a/#", 1);
        publish(STAGE.client(), QOS_2, topic + "/a", "x");
        List<Long> found = new ArrayList<>();
        RawClient.Packet first = client.expectPublish("x");
        found.addAll(identifiers(first));
        int highest = first.qos();
        client.send(Packets.PINGREQ);
        for (RawClient.Packet next = client.read(); next.type() == PUBLISH; next = client.read()) {
            found.addAll(identifiers(next));
            highest = Math.max(highest, next.qos());
        }
        assertThat(found).containsExactlyInAnyOrder(1L, 2L, 3L);
        assertThat(highest).isEqualTo(2);
    }

    @Test
    @Normative(mqtt5 = {"3.8.4-3", "3.3.4-3"})
    void isReplacedWithTheSubscription() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        RawClient publisher = STAGE.client();
        for (int identifier : new int[] {1, 2, 0, 3}) {
            subscribe(client, identifier, topic, 0);
            publish(publisher, 0, topic, "x");
            RawClient.Packet packet = client.expectPublish("x");
            if (identifier == 0) {
                assertThat(identifiers(packet)).isEmpty();
            } else {
                assertThat(identifiers(packet)).containsExactly((long) identifier);
            }
        }
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = {"3.8.4-3", "4.1.0-1"})
    void belongsToTheSession() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name));
        subscribe(client, 77, name, 1);
        STAGE.drop(client, name);
        RawClient publisher = STAGE.client();
        publish(publisher, QOS_1, name, "queued");
        RawClient again = STAGE.resumed(lasting(name));
        assertThat(identifiers(again.expectPublish("queued"))).containsExactly(77L);
        publish(publisher, QOS_1, name, "live");
        assertThat(identifiers(again.expectPublish("live"))).containsExactly(77L);
    }

    @Test
    @Normative(mqtt5 = "3.3.4-3")
    void comesBackWithRetainedMessages() {
        String topic = STAGE.name();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "kept");
        RawClient client = STAGE.client();
        byte[] property = variable(SUBSCRIPTION_IDENTIFIER, 5);
        client.send(subscribe5(3, property, topic, 0));
        RawClient.Packet first = client.read();
        RawClient.Packet second = client.read();
        RawClient.Packet kept = first.type() == PUBLISH ? first : second;
        assertThat(kept.payload()).isEqualTo("kept");
        assertThat(identifiers(kept)).containsExactly(5L);
    }

    @Test
    @Normative(mqtt5 = "3.3.4-3")
    void countsForAllFiltersOfItsSubscribe() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        byte[] property = variable(SUBSCRIPTION_IDENTIFIER, 6);
        client.send(subscribeAll5(3, property, filter(topic + "/a", 0), filter(topic + "/b", 1)));
        assertThat(expect(client, SUBACK).reasons()).containsExactly(0, 1);
        RawClient publisher = STAGE.client();
        for (String level : new String[] {"/a", "/b"}) {
            publish(publisher, 0, topic + level, level);
            assertThat(identifiers(client.expectPublish(level))).containsExactly(6L);
        }
    }

    @Test
    @Normative(mqtt5 = "3.3.4-3")
    void comesBackFromASharedSubscription() {
        String topic = STAGE.name();
        RawClient client = STAGE.client();
        subscribe(client, 8, "$share/g/" + topic, 0);
        publish(STAGE.client(), 0, topic, "x");
        assertThat(identifiers(client.expectPublish("x"))).containsExactly(8L);
    }
}
