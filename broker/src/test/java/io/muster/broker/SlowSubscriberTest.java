package io.muster.broker;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.RawClient.Packet;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Publishers of QoS 1 wait for connected subscribers that do not keep up, over sockets. Queues hold
 * ten messages, of which half make publishers wait; clients have three under way.
 */
class SlowSubscriberTest {

    private static final int QUEUE_MAX = 10;
    private static final int UNDER_WAY = 3;
    private static final int TAKEN = UNDER_WAY + QUEUE_MAX / 2;

    private static BrokerFixture broker(Duration stall) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = QUEUE_MAX;
        settings.inflightMax = UNDER_WAY;
        settings.stall = stall;
        return settings.start();
    }

    private static BrokerFixture broker() {
        return broker(Duration.ofMinutes(1));
    }

    private static byte[][] messages(String topic, int count) {
        return messages(topic, count, "");
    }

    private static byte[][] messages(String topic, int count, String padding) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> publish(QOS_1, i, topic, i + padding))
                .toArray(byte[][]::new);
    }

    private static double dropped(BrokerFixture broker) {
        return broker.metric("muster.messages.dropped");
    }

    private static void expectAcknowledged(RawClient publisher, int from, int to) {
        for (int i = from; i <= to; i++) {
            assertThat(publisher.expectType(4).packetId()).isEqualTo(i);
        }
    }

    /** Both on one event loop, and on two. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aPublisherWaitsAndNothingIsLost(int connectionsBetween) {
        try (BrokerFixture broker = broker()) {
            RawClient slow = broker.client(4, "slow").subscribe("t", 1);
            for (int i = 0; i < connectionsBetween; i++) {
                broker.client(4, "between" + i);
            }
            RawClient publisher = broker.client(4, "publisher").send(messages("t", 50));
            expectAcknowledged(publisher, 1, TAKEN);
            await().until(() -> broker.metric("muster.held.publishers") == 1);
            publisher.expectNothing();
            assertThat(broker.metric("muster.queued.messages")).isEqualTo(QUEUE_MAX / 2);

            for (int i = 1; i <= 50; i++) {
                slow.send(puback(slow.expectPublish("" + i).packetId()));
                assertThat(broker.metric("muster.queued.messages"))
                        .isLessThanOrEqualTo(QUEUE_MAX / 2);
            }
            expectAcknowledged(publisher, TAKEN + 1, 50);
            assertThat(broker.metric("muster.limited", "limit", "slow_subscriber")).isPositive();
            assertThat(dropped(broker)).isZero();
        }
    }

    /** The hub tells of each message by another, and drops those for which there is no room. */
    private static void relay(BrokerFixture broker) {
        broker.broker()
                .subscribe(
                        "said/#",
                        said -> said.topic().replace("said", "told"),
                        said ->
                                broker.broker()
                                        .passOn(
                                                Message.of(
                                                        said.topic().replace("said", "told"),
                                                        said.payload(),
                                                        Qos.AT_LEAST_ONCE,
                                                        false)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aPublisherWaitsForThoseWhoAreToldOfWhatItSays(int connectionsBetween) {
        try (BrokerFixture broker = broker()) {
            relay(broker);
            RawClient slow = broker.client(4, "slow").subscribe("told/#", 1);
            for (int i = 0; i < connectionsBetween; i++) {
                broker.client(4, "between" + i);
            }
            RawClient publisher = broker.client(4, "publisher").send(messages("said/t", 50));
            await().until(() -> broker.metric("muster.held.publishers") == 1);

            for (int i = 1; i <= 50; i++) {
                slow.send(puback(slow.expectPublish("" + i).packetId()));
            }

            expectAcknowledged(publisher, 1, 50);
            assertThat(dropped(broker)).isZero();
        }
    }

    @Test
    void nobodyWaitsForThoseWhoAreToldOfSomethingElse() {
        try (BrokerFixture broker = broker()) {
            relay(broker);
            broker.client(4, "slow").subscribe("told/t", 1);
            RawClient publisher = broker.client(4, "publisher").send(messages("said/t", 50));
            await().until(() -> broker.metric("muster.held.publishers") == 1);
            publisher.close();

            RawClient other = broker.client(4, "other").send(messages("said/u", 50));
            expectAcknowledged(other, 1, 50);
        }
    }

    /** One whose client is sent only what begins with {@code open}. */
    private static BrokerFixture withholding(QueuePolicy policy) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = QUEUE_MAX;
        settings.inflightMax = UNDER_WAY;
        settings.queuePolicy = policy;
        TopicPermissions permissions =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return true;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return true;
                    }

                    @Override
                    public Optional<Predicate<String>> withheld() {
                        return Optional.of(topic -> !topic.startsWith("open"));
                    }
                };
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", permissions)));
        return settings.start();
    }

    @ParameterizedTest
    @EnumSource(QueuePolicy.class)
    void nobodyWaitsForThoseWhoAreNotSentTheMessage(QueuePolicy policy) {
        try (BrokerFixture broker = withholding(policy)) {
            broker.client(4, "slow").subscribe("#", 1);
            RawClient filling = broker.client(4, "filling").send(messages("open", TAKEN));
            expectAcknowledged(filling, 1, TAKEN);
            filling.send(messages("open", QUEUE_MAX)); // and now it is full or behind

            RawClient publisher = broker.client(5, "publisher");
            for (int i = 1; i <= 50; i++) {
                publisher.send(publish5(QOS_1, i, "secret", NO_PROPERTIES, "" + i));
                assertThat(publisher.expectType(4).reason()).isZero();
            }
        }
    }

    @Test
    void whereThatIsSoAPublisherIsRefusedWhatThereIsNoRoomToTell() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = QUEUE_MAX;
        settings.inflightMax = UNDER_WAY;
        settings.queuePolicy = QueuePolicy.REFUSE;
        try (BrokerFixture broker = settings.start()) {
            relay(broker);
            broker.client(4, "slow").subscribe("told/#", 1);
            RawClient publisher = broker.client(5, "publisher");
            for (int i = 1; i <= UNDER_WAY + QUEUE_MAX; i++) {
                int number = i;
                // The one before may be counted twice while it is on its way into the queue.
                await().until(() -> reason(publisher, number) == 0);
            }
            for (int i = UNDER_WAY + QUEUE_MAX + 1; i <= 50; i++) {
                assertThat(reason(publisher, i)).isEqualTo(0x97);
            }
        }
    }

    private static int reason(RawClient publisher, int number) {
        publisher.send(publish5(QOS_1, number, "said/t", NO_PROPERTIES, "" + number));
        return publisher.expectType(4).reason();
    }

    @Test
    void whoPublishesToOthersDoesNotWait() {
        try (BrokerFixture broker = broker()) {
            broker.client(4, "slow").subscribe("t", 1);
            RawClient zero = broker.client(4, "zero").subscribe("#", 0);
            RawClient publisher = broker.client(4, "publisher").send(messages("t", 50));
            expectAcknowledged(publisher, 1, TAKEN);
            publisher.expectNothing();
            RawClient other = broker.client(4, "other").send(messages("u", 50));
            expectAcknowledged(other, 1, 50);
            other.send(publish("t", "zero"));
            for (Packet next = zero.read(); !next.payload().equals("zero"); next = zero.read()) {
                assertThat(next.type()).isEqualTo(3);
            }
        }
    }

    @Test
    void whoPublishesToItselfGetsAllOfIt() {
        try (BrokerFixture broker = broker()) {
            RawClient self = broker.client(4, "self").subscribe("t", 1).send(messages("t", 200));
            takeAll(self, 200);
            assertThat(dropped(broker)).isZero();
        }
    }

    /** What comes before the first acknowledgement is much more than is usually held. */
    @Test
    void whoPublishesMuchToItselfGetsAllOfIt() {
        try (BrokerFixture broker = broker()) {
            RawClient self = broker.client(4, "self").subscribe("t", 1);
            CompletableFuture<Void> written =
                    CompletableFuture.runAsync(
                            () -> self.send(messages("t", 300, "x".repeat(10_000))));
            takeAll(self, 300);
            written.join();
            assertThat(dropped(broker)).isZero();
        }
    }

    @Test
    void twoWhoPublishToEachOtherGetAllOfIt() {
        try (BrokerFixture broker = broker()) {
            RawClient one = broker.client(4, "one").subscribe("one", 1);
            RawClient two = broker.client(4, "two").subscribe("two", 1);
            one.send(messages("two", 200));
            two.send(messages("one", 200));
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> takeAll(two, 200));
            takeAll(one, 200);
            other.join();
            assertThat(dropped(broker)).isZero();
        }
    }

    /** Acknowledges what comes, until so many messages and as many acknowledgements are there. */
    private static void takeAll(RawClient client, int count) {
        List<String> payloads = new ArrayList<>();
        for (int acknowledged = 0; payloads.size() < count || acknowledged < count; ) {
            Packet packet = client.read();
            if (packet.type() == 4) {
                acknowledged++;
            } else {
                payloads.add(packet.payload().replace("x", ""));
                client.send(puback(packet.packetId()));
            }
        }
        assertThat(payloads)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList());
    }

    @Test
    void aSubscriberThatTakesNothingIsDisconnectedAndKeepsItsSession() {
        try (BrokerFixture broker = broker(Duration.ofMillis(200))) {
            RawClient dead = broker.raw().speaking(5).connect(connect(5, "dead").expiry(60));
            dead.subscribe("t", 1);
            RawClient healthy = broker.client(4, "healthy").subscribe("t", 1);
            RawClient publisher = broker.client(5, "publisher");
            for (int i = 1; i <= 50; i++) {
                publisher.send(publish5(QOS_1, i, "t", NO_PROPERTIES, "" + i));
                assertThat(publisher.expectType(4).reason()).isZero();
                healthy.send(puback(healthy.expectPublish("" + i).packetId()));
            }
            for (int i = 1; i <= UNDER_WAY; i++) {
                dead.expectPublish("" + i);
            }
            assertThat(dead.expectType(14).body()[0] & 0xFF).isEqualTo(0x97);
            dead.expectClosed();
            assertThat(broker.metric("muster.stalled.clients")).isEqualTo(1);
            assertThat(broker.metric("muster.queued.messages")).isEqualTo(QUEUE_MAX);
            assertThat(broker.metric("muster.messages.dropped", "reason", "queue_full"))
                    .isEqualTo(50 - UNDER_WAY - QUEUE_MAX);
            RawClient back =
                    broker.raw().speaking(5).connect(connect(5, "dead").resume().expiry(60), true);
            for (int i = 1; i <= UNDER_WAY + QUEUE_MAX; i++) {
                back.send(puback(back.expectPublish("" + i).packetId()));
            }
        }
    }

    @Test
    void aFullMemberOfAShareIsPassedOver() {
        try (BrokerFixture broker = broker()) {
            broker.client(4, "slow").subscribe("$share/s/t", 1);
            RawClient quick = broker.client(4, "quick").subscribe("$share/s/t", 1);
            RawClient publisher = broker.client(4, "publisher").send(messages("t", 50));
            for (int i = 0; i < 50 - TAKEN; i++) {
                quick.send(puback(quick.expectType(3).packetId()));
            }
            expectAcknowledged(publisher, 1, 50);
            quick.expectNothing();
            assertThat(dropped(broker)).isZero();
        }
    }
}
