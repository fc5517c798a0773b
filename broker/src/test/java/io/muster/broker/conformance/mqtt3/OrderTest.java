package io.muster.broker.conformance.mqtt3;

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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In which order packets are sent. */
@DisplayNameGeneration(StatementNames.class)
class OrderTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    private static List<String> numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(String::valueOf).toList();
    }

    /** Reads as many messages, completing each, and gives their payloads. */
    private static List<String> receive(RawClient client, int count) {
        List<String> payloads = new ArrayList<>();
        while (payloads.size() < count) {
            RawClient.Packet packet = client.read();
            if (packet.type() == 3) {
                payloads.add(packet.payload());
            }
            switch (packet.qos() + (packet.type() == 6 ? 10 : 0)) {
                case 1 -> client.send(puback(packet.packetId()));
                case 2 -> client.send(pubrec(packet.packetId()));
                case 11 -> client.send(pubcomp(packet.packetId()));
                default -> {}
            }
        }
        return payloads;
    }

    @Test
    @Normative(mqtt3 = {"4.6.0-1", "4.4.0-1", "3.3.1-1"})
    void repeatsMessagesInTheirFirstOrderBeforeAnyOther() {
        RawClient client = STAGE.begin("repeat").subscribe("repeat", 2);
        for (int i = 1; i <= 10; i++) {
            STAGE.publish(1 + i % 2, "repeat", "" + i);
        }
        List<Integer> ids = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            ids.add(client.expectPublish("" + i).packetId());
        }
        client.send(Packets.DISCONNECT).expectClosed();
        STAGE.publish(1, "repeat", "new");
        for (int round = 0; round < 2; round++) {
            RawClient again = STAGE.resume("repeat");
            for (int i = 1; i <= 10; i++) {
                RawClient.Packet packet = again.expectPublish("" + i);
                assertThat(packet.duplicate()).isTrue();
                assertThat(packet.packetId()).isEqualTo(ids.get(i - 1));
            }
            again.expectPublish("new");
            again.close();
        }
    }

    @Test
    @Normative(mqtt3 = "4.6.0-2")
    void sendsPubackInTheOrderOfPublish() {
        RawClient client = STAGE.client("acks");
        int[] ids = {9, 3, 7, 1, 65_535, 2};
        for (int id : ids) {
            client.send(publish(QOS_1, id, "acks", "x"));
        }
        for (int id : ids) {
            assertThat(client.expectType(4).packetId()).isEqualTo(id);
        }
    }

    @Test
    @Normative(mqtt3 = "4.6.0-3")
    void sendsPubrecInTheOrderOfPublish() {
        RawClient client = STAGE.client("recs");
        int[] ids = {9, 3, 7, 1, 65_535, 2};
        for (int id : ids) {
            client.send(publish(QOS_2, id, "recs", "x"));
        }
        for (int id : ids) {
            assertThat(client.expectType(5).packetId()).isEqualTo(id);
        }
        for (int id : ids) {
            client.send(pubrel(id));
        }
        for (int id : ids) {
            assertThat(client.expectType(7).packetId()).isEqualTo(id);
        }
    }

    @Test
    @Normative(mqtt3 = "4.6.0-4")
    void sendsPubrelInTheOrderOfPubrec() {
        RawClient client = STAGE.client("rels").subscribe("rels", 2);
        List<Integer> ids = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            STAGE.publish(2, "rels", "" + i);
            ids.add(client.expectPublish("" + i).packetId());
        }
        int[] order = {ids.get(2), ids.get(0), ids.get(3), ids.get(1)};
        for (int id : order) {
            client.send(pubrec(id));
        }
        for (int id : order) {
            assertThat(client.expectType(6).packetId()).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, QOS_1, QOS_2})
    @Normative(mqtt3 = {"4.6.0-5", "4.6.0-6"})
    void deliversToEachSubscriberInTheOrderOfThePublisher(int flags) {
        String topic = "ordered-" + flags;
        List<RawClient> subscribers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            subscribers.add(STAGE.client(topic + "-" + i).subscribe(topic, 2));
        }
        RawClient publisher = STAGE.client(topic);
        for (int i = 1; i <= 300; i++) {
            publisher.send(flags == 0 ? publish(topic, "" + i) : publish(flags, i, topic, "" + i));
            if (flags == QOS_2) {
                publisher.send(pubrel(i));
            }
        }
        for (RawClient subscriber : subscribers) {
            assertThat(receive(subscriber, 300)).isEqualTo(numbers(300));
        }
    }

    @Test
    @Normative(mqtt3 = {"4.6.0-6", "4.6.0-5", "3.1.2-5"})
    void keepsTheOrderWhileTheSubscriberComesAndGoes() {
        RawClient subscriber = STAGE.begin("goes").subscribe("goes", 1);
        RawClient publisher = STAGE.client("goes-publisher");
        List<String> received = new ArrayList<>();
        for (int i = 1; i <= 60; i++) {
            publisher.send(publish(QOS_1, i, "goes", "" + i)).expectType(4);
            if (i % 10 == 5) {
                received.addAll(receive(subscriber, i - received.size()));
                subscriber.expectNothing();
                subscriber.close();
            }
            if (i % 10 == 0) {
                subscriber = STAGE.resume("goes");
            }
        }
        received.addAll(receive(subscriber, 60 - received.size()));
        assertThat(received).isEqualTo(numbers(60));
    }

    @Test
    @Normative(mqtt3 = "4.6.0-6")
    void keepsTheOrderOverATakeOver() {
        RawClient first = STAGE.begin("taken").subscribe("taken", 1);
        RawClient publisher = STAGE.client("taken-publisher");
        for (int i = 1; i <= 20; i++) {
            publisher.send(publish(QOS_1, i, "taken", "" + i));
        }
        List<String> received = new ArrayList<>(receive(first, 5));
        first.expectType(3);
        RawClient second = STAGE.resume("taken");
        for (int i = 21; i <= 40; i++) {
            publisher.send(publish(QOS_1, i, "taken", "" + i));
        }
        received.addAll(receive(second, 35));
        assertThat(received).isEqualTo(numbers(40));
    }

    @Test
    @Normative(mqtt3 = "4.6.0-6")
    void keepsTheOrderOfWhatOnePublisherSendsWhileOthersSendToo() {
        RawClient subscriber = STAGE.client("mixed").subscribe("mixed/#", 1);
        RawClient left = STAGE.client("mixed-left");
        RawClient right = STAGE.client("mixed-right");
        for (int i = 1; i <= 100; i++) {
            left.send(publish(QOS_1, i, "mixed/t", "left " + i));
            right.send(publish(QOS_1, i, "mixed/t", "right " + i));
        }
        List<String> all = receive(subscriber, 200);
        for (String side : List.of("left ", "right ")) {
            assertThat(all.stream().filter(each -> each.startsWith(side)).toList())
                    .isEqualTo(numbers(100).stream().map(number -> side + number).toList());
        }
    }
}
