package io.muster.broker.conformance.publish;

import static io.muster.broker.Packets.DUP;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flags and topic of PUBLISH, and what follows from it [MQTT5 3.3]. */
@DisplayNameGeneration(StatementNames.class)
class Publish5Test {

    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static RawClient publisher() {
        return BROKER.client(5, "publisher");
    }

    @Test
    @Normative(mqtt5 = "3.3.4-1")
    void isAnsweredAsItsQosAsks() {
        RawClient client = publisher();
        BROKER.client(5, "answered").subscribe("answered", 0);
        client.send(publish5("answered", NO_PROPERTIES, "")).expectNothing();
        client.send(publish5(QOS_1, 1, "answered", NO_PROPERTIES, "")).expect("40 02 00 01");
        client.send(publish5(QOS_2, 2, "answered", NO_PROPERTIES, "")).expect("50 02 00 02");
        client.send(Packets.pubrel(2)).expect("70 02 00 02");
    }

    @Test
    @Normative(mqtt5 = "3.3.4-1")
    void isAnsweredWhereNobodySubscribes() {
        RawClient client = publisher();
        client.send(publish5(QOS_1, 1, "nobody", NO_PROPERTIES, ""));
        assertThat(StrictReader.read(client, 4).reason()).isIn(0x00, 0x10);
        client.send(publish5(QOS_2, 2, "nobody", NO_PROPERTIES, ""));
        assertThat(StrictReader.read(client, 5).reason()).isIn(0x00, 0x10);
        client.send(Packets.pubrel(2)).expect("70 02 00 02");
    }

    @ParameterizedTest
    @ValueSource(strings = {"36", "37", "3E", "3F"})
    @Normative(mqtt5 = "3.3.1-4")
    void mustNotHaveQos3(String firstByte) {
        byte[] packet = packet(bytes(firstByte)[0], text("t"), u16(1), new byte[1]);
        StrictReader.ends(BROKER, packet, 0x81);
    }

    @Test
    @Normative(mqtt5 = "3.3.1-2")
    void mustNotBeADuplicateInQos0() {
        StrictReader.ends(BROKER, packet(0x38, text("t"), new byte[1]), 0x81, 0x82);
    }

    /** Whether the client sends again is not told to subscribers, who get it for the first time. */
    @ParameterizedTest
    @CsvSource({"1,0", "1,1", "1,2", "2,0", "2,1", "2,2"})
    @Normative(mqtt5 = {"3.3.1-2", "3.3.1-3"})
    void doesNotPassOnTheDuplicateFlag(int qos, int granted) {
        RawClient subscriber = BROKER.client(5, "dup").subscribe("dup", granted);
        publisher().send(publish5(DUP | qos << 1, 1, "dup", NO_PROPERTIES, "x"));
        RawClient.Packet publish = subscriber.expectPublish("x");
        assertThat(publish.duplicate()).isFalse();
        assertThat(publish.qos()).isEqualTo(Math.min(qos, granted));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = {"3.3.1-1", "3.3.1-3"})
    void hasTheDuplicateFlagWhenItIsSentAgain(int qos) {
        RawClient subscriber = BROKER.raw().speaking(5);
        subscriber.connect(connect(5, "redelivered").expiry(100)).subscribe("redelivered", qos);
        publisher().send(publish5(qos << 1, 1, "redelivered", NO_PROPERTIES, "x"));
        RawClient.Packet first = subscriber.expectPublish("x");
        assertThat(first.duplicate()).isFalse();
        subscriber.close();
        RawClient again = BROKER.raw().speaking(5);
        again.connect(connect(5, "redelivered").resume().expiry(100), true);
        RawClient.Packet second = again.expectPublish("x");
        assertThat(second.duplicate()).isTrue();
        assertThat(second.packetId()).isEqualTo(first.packetId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "a/#", "a/+/b", "+/a", "a+", "a#", "a/b#", "$share/+"})
    @Normative(mqtt5 = "3.3.2-2")
    void mustNotHaveWildcardsInItsTopic(String topic) {
        StrictReader.ends(BROKER, publish5(topic, NO_PROPERTIES, "x"), 0x81, 0x82, 0x90);
        StrictReader.ends(BROKER, publish5(QOS_1, 1, topic, NO_PROPERTIES, "x"), 0x81, 0x82, 0x90);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, QOS_1, QOS_2})
    @Normative(mqtt5 = "3.3.2-1")
    void mustHaveATopicOrAnAlias(int flags) {
        byte[] packet =
                flags == 0
                        ? publish5("", NO_PROPERTIES, "x")
                        : publish5(flags, 1, "", NO_PROPERTIES, "x");
        StrictReader.ends(BROKER, packet, 0x82);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "match/a",
                "match/",
                "match//a",
                "match/ ",
                "match/A",
                "match/é",
                "match/$a"
            })
    @Normative(mqtt5 = "3.3.2-3")
    void reachesThoseWhoseFilterMatchesWithItsTopic(String topic) {
        RawClient exact = BROKER.client(5, "exact").subscribe(topic, 0);
        RawClient wild = BROKER.client(5, "wild").subscribe("match/#", 0);
        RawClient other = BROKER.client(5, "other").subscribe("match/other/+", 0);
        publisher().send(publish5(topic, NO_PROPERTIES, "x"));
        assertThat(exact.expectPublish("x").topic()).isEqualTo(topic);
        assertThat(wild.expectPublish("x").topic()).isEqualTo(topic);
        other.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 60_000})
    void mayHaveAnyPayload(int length) {
        RawClient subscriber = BROKER.client(5, "payloads").subscribe("payloads", 0);
        String payload = "x".repeat(length);
        publisher().send(publish5("payloads", NO_PROPERTIES, payload));
        subscriber.expectPublish(payload);
    }

    /** One copy with the best QoS of all matching subscriptions, or that copy among several. */
    @ParameterizedTest
    @CsvSource({"0,1,2", "2,1,0", "1,2,0", "0,0,1"})
    @Normative(mqtt5 = "3.3.4-2")
    void respectsTheBestQosOfOverlappingSubscriptions(int first, int second, int third) {
        RawClient subscriber = BROKER.client(5, "overlap");
        subscriber.subscribe("overlap/#", first).subscribe("overlap/+", second);
        subscriber.subscribe("overlap/a", third).subscribe("end", 0);
        RawClient publisher = publisher();
        publisher.send(publish5(QOS_2, 1, "overlap/a", NO_PROPERTIES, "x"), Packets.pubrel(1));
        publisher.send(publish5("end", NO_PROPERTIES, ""));
        List<Integer> levels = new ArrayList<>();
        for (RawClient.Packet publish = subscriber.expectType(3);
                !publish.topic().equals("end");
                publish = subscriber.expectType(3)) {
            levels.add(publish.qos());
        }
        assertThat(levels).contains(Math.max(first, Math.max(second, third)));
    }

    private static byte[] subscribe(int identifier, String filter, int options) {
        byte[] property = Packets.variable(Packets.SUBSCRIPTION_IDENTIFIER, identifier);
        return Packets.subscribe5(1, property, filter, options);
    }

    @Test
    @Normative(mqtt5 = {"3.3.4-3", "3.3.4-4", "3.3.4-5"})
    void carriesTheIdentifiersOfAllMatchingSubscriptions() {
        RawClient subscriber = BROKER.client(5, "identifiers");
        subscriber.send(subscribe(1, "ids/#", 0)).expect("90 04 00 01 00 00");
        subscriber.send(subscribe(268_435_455, "ids/+", 1)).expect("90 04 00 01 00 01");
        subscriber.send(subscribe(1, "ids/a", 0)).expect("90 04 00 01 00 00");
        subscriber.send(subscribe(77, "ids/b", 0)).expect("90 04 00 01 00 00");
        subscriber.subscribe("ids/a/#", 0);
        publisher().send(publish5("ids/a", NO_PROPERTIES, "x"));
        List<Long> identifiers = new ArrayList<>();
        while (identifiers.size() < 3) {
            RawClient.Packet publish = StrictReader.publish(subscriber, "x");
            identifiers.addAll(publish.propertyList().numbers(Packets.SUBSCRIPTION_IDENTIFIER));
        }
        assertThat(identifiers).containsExactlyInAnyOrder(1L, 1L, 268_435_455L);
    }

    @Test
    @Normative(mqtt5 = "3.3.4-6")
    void mustNotCarryASubscriptionIdentifierToTheBroker() {
        for (int identifier : new int[] {0, 1, 268_435_455}) {
            byte[] property = Packets.variable(Packets.SUBSCRIPTION_IDENTIFIER, identifier);
            StrictReader.ends(BROKER, publish5("t", property, "x"), 0x81, 0x82);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @Normative(mqtt5 = {"3.3.4-9", "3.3.4-10"})
    void isNotSentBeyondTheReceiveMaximumOfTheClient(int qos) {
        String topic = "window" + qos;
        RawClient subscriber = BROKER.raw().speaking(5);
        subscriber.connect(connect(5, "window").with(u16(0x21, 2))).subscribe(topic, qos);
        RawClient publisher = publisher();
        for (int i = 1; i <= 5; i++) {
            publisher.send(publish5(QOS_1, i, topic, NO_PROPERTIES, "" + i));
            StrictReader.read(publisher, 4);
        }
        publisher.send(publish5(topic, NO_PROPERTIES, "without")).expectNothing();
        int first = StrictReader.publish(subscriber, "1").packetId();
        StrictReader.publish(subscriber, "2");
        StrictReader.publish(subscriber, "without"); // quota
        assertThat(readRest(subscriber)).as("beyond the window").isEmpty();
        subscriber.send(Packets.subscribe5(9, "window/other", 1));
        StrictReader.read(subscriber, 9);
        subscriber.send(Packets.puback(first));
        StrictReader.publish(subscriber, "3");
    }

    /** What comes before the answer to a PINGREQ. */
    private static List<String> readRest(RawClient client) {
        List<String> payloads = new ArrayList<>();
        RawClient.Packet packet = client.send(Packets.PINGREQ).read();
        while (packet.type() == 3) {
            payloads.add(packet.payload());
            packet = client.read();
        }
        assertThat(packet.hex()).isEqualTo("D0 00");
        return payloads;
    }

    @Test
    @Normative(mqtt5 = "3.3.4-9")
    void goesOnAfterAPubrecThatRefuses() {
        RawClient subscriber = BROKER.raw().speaking(5);
        subscriber.connect(connect(5, "refusing").with(u16(0x21, 1))).subscribe("refusing", 2);
        RawClient publisher = publisher();
        for (int i = 1; i <= 2; i++) {
            publisher.send(publish5(QOS_2, i, "refusing", NO_PROPERTIES, "" + i));
            publisher.send(Packets.pubrel(i));
        }
        int first = StrictReader.publish(subscriber, "1").packetId();
        subscriber.expectNothing();
        subscriber.send(Packets.acknowledgement5(0x50, first, 0x80, NO_PROPERTIES));
        StrictReader.publish(subscriber, "2");
    }
}
