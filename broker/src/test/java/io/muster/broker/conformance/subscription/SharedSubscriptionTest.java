package io.muster.broker.conformance.subscription;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.unsubscribe5;
import static io.muster.broker.conformance.Wire.PUBLISH;
import static io.muster.broker.conformance.Wire.UNSUBACK;
import static io.muster.broker.conformance.Wire.expect;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who of a group gets a message [MQTT5 4.8.2]. */
@DisplayNameGeneration(StatementNames.class)
class SharedSubscriptionTest {

    private static final int MESSAGES = 30;

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static List<RawClient> members(int count, String filter, int options) {
        List<RawClient> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(STAGE.client().subscribe(filter, options));
        }
        return members;
    }

    /** What has come before the answer to a PINGREQ, with QoS 1 acknowledged. */
    private static List<RawClient.Packet> drain(RawClient client) {
        List<RawClient.Packet> packets = new ArrayList<>();
        client.send(Packets.PINGREQ);
        for (RawClient.Packet next = client.read(); next.type() == PUBLISH; next = client.read()) {
            packets.add(next);
            if (next.qos() == 1) {
                client.send(puback(next.packetId()));
            }
        }
        return packets;
    }

    /**
     * The payloads that each client has received when all messages have come. An answer to a
     * PINGREQ may overtake a message from another event loop, so it is asked more than once.
     */
    private static List<List<String>> drain(List<RawClient> clients) {
        List<List<String>> received = new ArrayList<>();
        clients.forEach(client -> received.add(new ArrayList<>()));
        await().until(
                        () -> {
                            for (int i = 0; i < clients.size(); i++) {
                                drain(clients.get(i)).forEach(addPayloadTo(received.get(i)));
                            }
                            return received.stream().mapToInt(List::size).sum() >= MESSAGES;
                        });
        clients.forEach(client -> assertThat(drain(client)).as("too many").isEmpty());
        return received;
    }

    private static Consumer<RawClient.Packet> addPayloadTo(List<String> payloads) {
        return packet -> payloads.add(packet.payload());
    }

    private static List<String> all(List<List<String>> received) {
        return received.stream().flatMap(List::stream).toList();
    }

    private static String[] publishMany(int flags, String topic) {
        RawClient publisher = STAGE.client();
        String[] payloads = new String[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            payloads[i] = "m" + i;
            publish(publisher, flags, topic, payloads[i]);
        }
        return payloads;
    }

    @ParameterizedTest
    @CsvSource({"0,1", "0,3", "1,2", "1,5"})
    @Normative(mqtt5 = "4.8.2-1")
    void sendsEachMessageToExactlyOneMember(int qos, int count) {
        String topic = STAGE.name();
        List<RawClient> members = members(count, "$share/g/" + topic, qos);
        String[] payloads = publishMany(QOS_1, topic);
        List<List<String>> received = drain(members);
        assertThat(all(received)).containsExactlyInAnyOrder(payloads);
        assertThat(received).as("shares in the work").noneMatch(List::isEmpty);
    }

    @Test
    @Normative(mqtt5 = {"4.8.2-1", "4.8.2-2"})
    void keepsGroupsAndNonSharedSubscriptionsApart() {
        String topic = STAGE.name();
        List<RawClient> first = members(2, "$share/one/" + topic, 0);
        List<RawClient> second = members(2, "$share/two/" + topic, 0);
        List<RawClient> wider = members(2, "$share/one/" + topic + "/#", 0);
        RawClient alone = STAGE.client().subscribe(topic, 0);
        String[] payloads = publishMany(QOS_1, topic);
        assertThat(all(drain(first))).containsExactlyInAnyOrder(payloads);
        assertThat(all(drain(second))).containsExactlyInAnyOrder(payloads);
        assertThat(all(drain(wider))).containsExactlyInAnyOrder(payloads);
        assertThat(all(drain(List.of(alone)))).containsExactly(payloads);
    }

    @ParameterizedTest
    @CsvSource({"/finance, $share/g//finance", "a/b/c, $share/g/a/+/c", "a/b, $share/g/#"})
    @Normative(mqtt5 = "4.8.2-2")
    void matchesByTheFilterBehindTheShareName(String topic, String filter) {
        RawClient client = STAGE.client().subscribe(filter, 0);
        publish(STAGE.client(), 0, topic, "x");
        assertThat(client.expectPublish("x").topic()).isEqualTo(topic);
        client.send(unsubscribe5(1, NO_PROPERTIES, filter));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
    }

    @Test
    @Normative(mqtt5 = "4.7.2-1")
    void doesNotMatchDollarTopicsByAWildcardBehindTheShareName() {
        RawClient client = STAGE.client().subscribe("$share/dollar/#", 0);
        publishFromWithin("$test/x", false);
        publish(STAGE.client(), QOS_1, "shown", "shown");
        client.expectPublish("shown");
        client.send(unsubscribe5(1, NO_PROPERTIES, "$share/dollar/#"));
        assertThat(expect(client, UNSUBACK).reasons()).containsExactly(0x00);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,2", "1,0", "1,1", "1,2", "2,0", "2,1", "2,2"})
    @Normative(mqtt5 = "4.8.2-3")
    void respectsTheQosThatWasGranted(int published, int granted) {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe("$share/g/" + topic, granted);
        publish(STAGE.client(), published << 1, topic, "x");
        assertThat(client.expectPublish("x").qos()).isEqualTo(Math.min(published, granted));
    }

    @Test
    @Normative(mqtt5 = "4.8.2-3")
    void respectsTheQosOfEachMemberByItself() {
        String topic = STAGE.name();
        List<RawClient> members = new ArrayList<>();
        for (int qos = 0; qos <= 2; qos++) {
            members.add(STAGE.client().subscribe("$share/g/" + topic, qos));
        }
        publishMany(QOS_2, topic);
        List<RawClient.Packet> received = new ArrayList<>();
        await().until(
                        () -> {
                            for (int qos = 0; qos <= 2; qos++) {
                                List<RawClient.Packet> packets = drain(members.get(qos));
                                for (RawClient.Packet packet : packets) {
                                    assertThat(packet.qos()).isEqualTo(qos);
                                }
                                received.addAll(packets);
                            }
                            return received.size() == MESSAGES;
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x10, 0x20})
    @Normative(mqtt5 = "4.8.2-1")
    void sendsNoRetainedMessages(int handling) {
        String topic = STAGE.name();
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "kept");
        String filter = "$share/g" + handling + "/" + topic;
        RawClient client = STAGE.client().subscribe(filter, 1 | handling).expectNothing();
        client.subscribe(filter, 1 | handling).expectNothing();
        STAGE.client().subscribe(filter, 1 | handling).expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-1")
    void sendsNoRetainedMessageOfATopicThatLooksLikeAShare() {
        String filter = "$share/g/" + STAGE.name();
        publishFromWithin(filter, true);
        STAGE.client().subscribe(filter, 1).expectNothing();
    }

    /** Where clients may not. */
    private static void publishFromWithin(String topic, boolean retain) {
        Payload payload = Payload.of("hidden".getBytes(StandardCharsets.UTF_8));
        Message message = Message.of(topic, payload, Qos.AT_MOST_ONCE, retain);
        STAGE.broker().broker().publish(message).toCompletableFuture().join();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-1")
    void sendsASecondCopyThroughANonSharedSubscriptionOfTheSameClient() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe("$share/g/" + topic, 0).subscribe(topic, 0);
        publish(STAGE.client(), QOS_1, topic, "x");
        client.expectPublish("x");
        client.expectPublish("x");
        client.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-1")
    void countsAMemberOnceHoweverOftenItSubscribes() {
        String topic = STAGE.name();
        String filter = "$share/g/" + topic;
        RawClient first = STAGE.client();
        for (int i = 0; i < 5; i++) {
            first.subscribe(filter, 1);
        }
        RawClient second = STAGE.client().subscribe(filter, 1);
        String[] payloads = publishMany(QOS_1, topic);
        assertThat(all(drain(List.of(first, second)))).containsExactlyInAnyOrder(payloads);
        first.send(unsubscribe5(1, NO_PROPERTIES, filter));
        assertThat(expect(first, UNSUBACK).reasons()).containsExactly(0x00);
        assertThat(publishMany(QOS_1, topic))
                .containsExactlyElementsOf(all(drain(List.of(second))));
        first.expectNothing();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-1")
    void goesOnWhenTheOneWhoBeganItLeaves() {
        String topic = STAGE.name();
        List<RawClient> members = members(2, "$share/g/" + topic, 0);
        members.get(0).send(Packets.DISCONNECT).expectClosed();
        List<RawClient> left = members.subList(1, 2);
        assertThat(publishMany(QOS_1, topic)).containsExactlyElementsOf(all(drain(left)));
    }

    @Test
    @Normative(mqtt5 = "3.3.1-13")
    void keepsTheRetainFlagIfAskedTo() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe("$share/g/" + topic, 0x08);
        publish(STAGE.client(), QOS_1 | RETAIN, topic, "x");
        assertThat(client.expectPublish("x").retain()).isTrue();
    }

    @Test
    @Normative(mqtt5 = "4.8.2-1")
    void doesNotMindALargeGroup() {
        String topic = STAGE.name();
        List<RawClient> members = members(MESSAGES, "$share/large group/" + topic, 1);
        String[] payloads = publishMany(QOS_1, topic);
        assertThat(all(drain(members))).containsExactlyInAnyOrder(payloads);
    }
}
