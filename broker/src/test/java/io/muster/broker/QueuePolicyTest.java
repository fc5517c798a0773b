package io.muster.broker;

import static io.muster.broker.Packets.MESSAGE_EXPIRY;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient.Packet;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of messages for which there is no room, over sockets, and how they are counted. */
class QueuePolicyTest {

    private static final int QUEUE_MAX = 10;

    private static BrokerFixture broker(QueuePolicy policy) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queuePolicy = policy;
        settings.queueMessagesMax = QUEUE_MAX;
        return settings.start();
    }

    private static double dropped(BrokerFixture broker, String reason) {
        return broker.metric("muster.messages.dropped", "reason", reason);
    }

    /** A session with this subscription whose client is away. */
    private static void leaveBehind(BrokerFixture broker, String name, String filter) {
        broker.raw().connect(connect(4, name).resume()).subscribe(filter, 1).close();
        await().until(() -> broker.broker().clients().find(name).isEmpty());
    }

    /** What the client of a session gets that it was away for, in order. */
    private static List<String> waiting(BrokerFixture broker, String name) {
        RawClient client = broker.raw().connect(connect(4, name).resume(), true);
        List<String> payloads = new ArrayList<>();
        client.send(Packets.PINGREQ);
        boolean answered = false;
        // Each acknowledgement may free the next one, so the PINGREQ is repeated until all is
        // there.
        for (Packet next = client.read(); next.type() == 3 || !answered; next = client.read()) {
            answered = next.type() != 3;
            if (!answered) {
                payloads.add(next.payload());
                client.send(puback(next.packetId()));
            } else {
                client.send(Packets.PINGREQ);
            }
        }
        client.send(Packets.DISCONNECT).expectClosed();
        return payloads;
    }

    private static void fill(BrokerFixture broker, RawClient publisher, int messages) {
        for (int i = 1; i <= messages; i++) {
            publisher.send(publish5(QOS_1, i, "t", NO_PROPERTIES, "" + i));
            assertThat(publisher.expectType(4).reason()).isZero();
        }
        await().until(() -> broker.metric("muster.queued.messages") == QUEUE_MAX);
    }

    // -------------------------------------------------------------------- expired

    @Test
    void noPublisherIsToldOfAQueueThatOnlyExpiredMessagesFill() {
        try (BrokerFixture broker = broker(QueuePolicy.REFUSE)) {
            leaveBehind(broker, "away", "t");
            RawClient publisher = broker.client(5, "publisher");
            for (int i = 1; i <= QUEUE_MAX; i++) {
                publisher.send(publish5(QOS_1, i, "t", u32(MESSAGE_EXPIRY, 1), "brief"));
                assertThat(publisher.expectType(4).reason()).isZero();
            }
            await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
            // Connections go to the loops in turn, so these are on both.
            for (int i = 0; i < 2; i++) {
                RawClient other = broker.client(5, "other" + i);
                other.send(publish5(QOS_1, 1, "t", NO_PROPERTIES, "live" + i));
                assertThat(other.expectType(4).reason()).isZero();
            }
            assertThat(dropped(broker, "expired")).isEqualTo(QUEUE_MAX);
            assertThat(waiting(broker, "away")).containsExactlyInAnyOrder("live0", "live1");
        }
    }

    // --------------------------------------------------------------------- refuse

    @Test
    void everyPublisherIsToldThatASessionHasNoRoom() {
        try (BrokerFixture broker = broker(QueuePolicy.REFUSE)) {
            leaveBehind(broker, "away", "t");
            fill(broker, broker.client(5, "first"), QUEUE_MAX);
            RawClient other = broker.client(5, "other").subscribe("t", 1);
            // Connections go to the loops in turn, so these are on both.
            for (int i = 0; i < 4; i++) {
                RawClient publisher = broker.client(5, "publisher" + i);
                publisher.send(publish5(QOS_1, 1, "t", NO_PROPERTIES, "one too many"));
                assertThat(publisher.expectType(4).reason()).isEqualTo(0x97);
                publisher.send(publish5(QOS_2, 2, "t", NO_PROPERTIES, "one too many"));
                assertThat(publisher.expectType(5).reason()).isEqualTo(0x97);
                // It is not on its way any more [MQTT-4.3.3-9].
                publisher.send(Packets.pubrel(2));
                assertThat(publisher.expectType(7).reason()).isEqualTo(0x92);
                // Nobody else is concerned.
                publisher.send(publish5(QOS_1, 3, "u", NO_PROPERTIES, "x"));
                assertThat(publisher.expectType(4).reason()).isEqualTo(0x10);
            }
            // Refused is refused for all, or a repetition would be a second copy for some.
            other.expectNothing();
            assertThat(dropped(broker, "refused")).isEqualTo(8);
            assertThat(waiting(broker, "away")).containsExactlyElementsOf(numbers(1, QUEUE_MAX));
            RawClient again = broker.client(5, "again");
            again.send(publish5(QOS_1, 1, "t", NO_PROPERTIES, "there is room"));
            assertThat(again.expectType(4).reason()).isZero();
            other.expectPublish("there is room");
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void beforeMqtt5APublisherCannotBeToldAndTheMessageIsCounted() {
        try (BrokerFixture broker = broker(QueuePolicy.REFUSE)) {
            leaveBehind(broker, "away", "t");
            fill(broker, broker.client(5, "first"), QUEUE_MAX);
            RawClient publisher = broker.client(4, "publisher");
            publisher.send(publish(QOS_1, 1, "t", "x")).expect("40 02 00 01");
            assertThat(dropped(broker, "refused")).isEqualTo(1);
        }
    }

    /** Publishers on both loops at once: what was accepted is there or was counted as dropped. */
    @ParameterizedTest
    @EnumSource(QueuePolicy.class)
    void noMessageIsLostWithoutBeingCountedHoweverManyPublishAtOnce(QueuePolicy policy) {
        int publishers = 4;
        int each = 200;
        try (BrokerFixture broker = broker(policy)) {
            leaveBehind(broker, "away", "t");
            List<CompletableFuture<Integer>> accepted = new ArrayList<>();
            for (int i = 0; i < publishers; i++) {
                RawClient publisher = broker.client(5, "publisher" + i);
                String name = "p" + i + " ";
                accepted.add(
                        CompletableFuture.supplyAsync(() -> publishAll(publisher, name, each)));
            }
            int acceptedOfAll = accepted.stream().mapToInt(CompletableFuture::join).sum();
            int refused = publishers * each - acceptedOfAll;
            await().until(() -> broker.metric("muster.queued.messages") == QUEUE_MAX);
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    dropped(broker, "queue_full")
                                                            + dropped(broker, "queue_full_oldest"))
                                            .isEqualTo(acceptedOfAll - QUEUE_MAX));
            assertThat(dropped(broker, "refused")).isEqualTo(refused);
            assertThat(refused > 0).isEqualTo(policy == QueuePolicy.REFUSE);
            List<String> waiting = waiting(broker, "away");
            assertThat(waiting).hasSize(QUEUE_MAX).doesNotHaveDuplicates();
            assertThat(inOrderOfEachPublisher(waiting)).isTrue();
        }
    }

    /** Publishes all in one segment; returns how many were accepted. */
    private static int publishAll(RawClient publisher, String name, int messages) {
        publisher.send(
                IntStream.rangeClosed(1, messages)
                        .mapToObj(i -> publish5(QOS_1, i, "t", NO_PROPERTIES, name + i))
                        .toArray(byte[][]::new));
        int accepted = 0;
        for (int i = 0; i < messages; i++) {
            int reason = publisher.expectType(4).reason();
            assertThat(reason).isIn(0x00, 0x97);
            accepted += reason == 0 ? 1 : 0;
        }
        return accepted;
    }

    private static boolean inOrderOfEachPublisher(List<String> payloads) {
        Map<String, Integer> last = new TreeMap<>();
        boolean inOrder = true;
        for (String payload : payloads) {
            int space = payload.indexOf(' ');
            int number = Integer.parseInt(payload.substring(space + 1));
            Integer before = last.put(payload.substring(0, space), number);
            inOrder &= before == null || before < number;
        }
        return inOrder;
    }

    // ---------------------------------------------------------------- drop-oldest

    @Test
    void theOldestMessagesMakeRoom() {
        try (BrokerFixture broker = broker(QueuePolicy.DROP_OLDEST)) {
            leaveBehind(broker, "away", "t");
            fill(broker, broker.client(5, "publisher"), QUEUE_MAX + 5);

            await().until(() -> dropped(broker, "queue_full_oldest") == 5);
            assertThat(waiting(broker, "away"))
                    .containsExactlyElementsOf(numbers(6, QUEUE_MAX + 5));
            assertThat(dropped(broker, "queue_full")).isZero();
            assertThat(broker.metric("muster.queued.messages")).isZero();
        }
    }

    // ------------------------------------------------------------- other limits

    @Test
    void whatIsNotRetainedForWantOfRoomIsRoutedAndCounted() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.retainedMax = 2;
        try (BrokerFixture broker = settings.start()) {
            RawClient watcher = broker.client(5, "watcher").subscribe("r/#", 0);
            RawClient publisher = broker.client(5, "publisher");
            for (String topic : List.of("a", "b", "c", "a", "c")) {
                retain(publisher, "r/" + topic, topic);
                watcher.expectPublish(topic);
            }
            assertThat(dropped(broker, "retained_full")).isEqualTo(2);
            assertThat(broker.metric("muster.retained.messages")).isEqualTo(2);
            broker.client(5, "late").subscribe("r/c", 0).expectNothing();

            retain(publisher, "r/b", "");
            retain(publisher, "r/c", "room now");
            broker.client(5, "later").subscribe("r/c", 0).expectPublish("room now");
            assertThat(dropped(broker, "retained_full")).isEqualTo(2);
        }
    }

    private static void retain(RawClient publisher, String topic, String payload) {
        publisher.send(publish5(QOS_1 | RETAIN, 1, topic, NO_PROPERTIES, payload));
        assertThat(publisher.expectType(4).reason()).isIn(0x00, 0x10);
    }

    @Test
    void aMessageTooLargeForSomeOfItsSubscribersIsCountedOnceForEachOfThem() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            List<RawClient> small = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                byte[] sizeMax = u32(Packets.MAXIMUM_PACKET_SIZE, 50);
                RawClient client = broker.raw().speaking(5);
                client.connect(connect(5, "small" + i).with(sizeMax));
                small.add(client.subscribe("t", i));
            }
            RawClient large = broker.client(5, "large").subscribe("t", 1);
            RawClient old = broker.client(4, "old").subscribe("t", 1);
            RawClient publisher = broker.client(5, "publisher");
            for (String payload : List.of("x".repeat(60), "y")) {
                publisher.send(publish5(QOS_1, 1, "t", NO_PROPERTIES, payload));
                assertThat(publisher.expectType(4).reason()).isZero();
                large.expectPublish(payload);
                old.expectPublish(payload);
            }
            small.forEach(client -> client.expectPublish("y"));
            assertThat(dropped(broker, "too_large")).isEqualTo(3);
        }
    }
}
