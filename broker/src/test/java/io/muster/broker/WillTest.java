package io.muster.broker;

import static io.muster.broker.Packets.MESSAGE_EXPIRY;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.WILL_DELAY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.userProperty;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a will is published, and when not [MQTT5 3.1.2.5]. */
class WillTest {

    private static final int WILL_QOS_1 = 0x08;
    private static final int WILL_RETAIN = 0x20;
    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static RawClient watcher(String topic) {
        return BROKER.client(5, "watch-" + topic).subscribe(topic, 1);
    }

    /** Everything that went before has arrived when this has. */
    private static void expectOnlyFence(RawClient watcher, String topic) {
        BROKER.broker()
                .publish(
                        Message.of(
                                topic,
                                Payload.of("fence".getBytes(StandardCharsets.UTF_8)),
                                Qos.AT_MOST_ONCE,
                                false))
                .toCompletableFuture()
                .join();
        watcher.expectPublish("fence");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void isPublishedWhenTheConnectionIsLost(int level) {
        String topic = "lost/" + level;
        RawClient watcher = watcher(topic);
        RawClient client = BROKER.raw().speaking(level);
        client.connect(connect(level, "c-" + topic).will(topic, "lost", WILL_QOS_1, NO_PROPERTIES));
        client.close();
        RawClient.Packet will = watcher.expectPublish("lost"); // [MQTT-3.1.2-8]
        assertThat(will.qos()).isEqualTo(1);
        assertThat(will.retain()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void isForgottenAtDisconnect(int level) {
        String topic = "normal/" + level;
        RawClient watcher = watcher(topic);
        RawClient client = BROKER.raw().speaking(level);
        client.connect(connect(level, "c-" + topic).will(topic, "lost", 0, NO_PROPERTIES));
        client.send(Packets.DISCONNECT).expectClosed(); // [MQTT-3.14.4-3], [MQTT-3.14.4-1]
        expectOnlyFence(watcher, topic);
    }

    @Test
    void isPublishedAtADisconnectThatAsksForIt() {
        RawClient watcher = watcher("asked");
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "asks").will("asked", "will", 0, NO_PROPERTIES));
        client.send(Packets.DISCONNECT_WITH_WILL).expectClosed(); // [MQTT5 3.14.2.1]
        watcher.expectPublish("will");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void isPublishedWhenTheClientBreaksTheRulesOrIsTakenOver(int level) {
        String topic = "ended/" + level;
        RawClient watcher = watcher(topic);
        RawClient client = BROKER.raw().speaking(level);
        client.connect(connect(level, "e-" + level).will(topic, "over", 0, NO_PROPERTIES));
        RawClient next = BROKER.raw().speaking(level);
        next.connect(connect(level, "e-" + level).will(topic, "broke", 0, NO_PROPERTIES));
        watcher.expectPublish("over");
        next.send(connect(level, "e-" + level).bytes());
        watcher.expectPublish("broke");
    }

    @Test
    void isRetainedIfItSaysSo() {
        RawClient watcher = watcher("kept");
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "keeper").will("kept", "gone", WILL_RETAIN, NO_PROPERTIES));
        client.close();
        watcher.expectPublish("gone");
        RawClient later = BROKER.client(4, "later").subscribe("kept", 0);
        assertThat(later.expectPublish("gone").retain()).isTrue(); // [MQTT-3.1.2-15]
    }

    @Test
    void carriesItsProperties() {
        RawClient watcher = watcher("props");
        byte[] properties =
                join(
                        Packets.u8(0x01, 1),
                        text(0x03, "text/plain"),
                        userProperty("a", "1"),
                        userProperty("a", "2"));
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "p").will("props", "x", 0, properties));
        client.close();
        assertThat(watcher.expectPublish("x").properties()).isEqualTo(properties);
    }

    @Test
    void expiresFromItsPublicationOn() {
        RawClient watcher = watcher("expiring");
        RawClient client = BROKER.raw().speaking(5);
        long begin = System.nanoTime();
        client.connect(
                connect(5, "x").keepAlive(1).will("expiring", "x", 0, u32(MESSAGE_EXPIRY, 1)));
        client.expect("E0 01 8D").expectClosed(); // after 1.5 s, longer than the message lives
        assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofSeconds(1).toNanos());
        // [MQTT5 3.1.3.2.4]: what is sent is the interval of the will.
        assertThat(watcher.expectPublish("x").properties()).isEqualTo(u32(MESSAGE_EXPIRY, 1));
    }

    @Test
    void waitsAndIsForgottenWhenTheClientComesBack() {
        RawClient watcher = watcher("delayed");
        Packets.Connect connect =
                connect(5, "back").resume().expiry(60).will("delayed", "x", 0, u32(WILL_DELAY, 1));
        RawClient client = BROKER.raw().speaking(5).connect(connect);
        client.close();
        RawClient again = BROKER.raw().speaking(5);
        again.connect(connect(5, "back").resume().expiry(60), true); // [MQTT-3.1.3-9]
        RawClient other = BROKER.raw().speaking(5);
        long begin = System.nanoTime();
        other.connect(
                connect(5, "gone").expiry(60).will("delayed", "other", 0, u32(WILL_DELAY, 1)));
        other.close();
        watcher.expectPublish("other"); // which was due later than the one forgotten
        assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofMillis(950).toNanos());
    }

    @Test
    void doesNotWaitLongerThanTheSession() {
        RawClient watcher = watcher("impatient");
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "i").will("impatient", "now", 0, u32(WILL_DELAY, 3_600)));
        client.close();
        watcher.expectPublish("now"); // [MQTT5 3.1.3.2.2]: the session ended first
    }

    @Test
    void isPublishedWhenACleanStartEndsItsSession() {
        RawClient watcher = watcher("fresh");
        RawClient client = BROKER.raw().speaking(5);
        client.connect(
                connect(5, "f").expiry(60).will("fresh", "ended", 0, u32(WILL_DELAY, 3_600)));
        client.close();
        BROKER.client(5, "f");
        watcher.expectPublish("ended");
    }

    /**
     * Also one whose delay runs: the session ends with the broker, which keeps none [MQTT-3.1.3-9].
     */
    @Test
    void isPublishedWhenTheBrokerStops() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            List<RawClient> watchers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                watchers.add(broker.client(5, "watcher" + i).subscribe("stop/#", 0));
                broker.raw()
                        .connect(
                                connect(4, "mortal" + i)
                                        .will("stop/" + i, "gone", 0, NO_PROPERTIES));
            }
            RawClient delayed = broker.raw().speaking(5);
            delayed.connect(
                    connect(5, "d").expiry(60).will("stop/d", "gone", 0, u32(WILL_DELAY, 60)));
            delayed.close();
            await().until(() -> broker.broker().clients().find("d").isEmpty());
            CompletableFuture<Void> closing = CompletableFuture.runAsync(broker.broker()::close);
            for (RawClient watcher : watchers) {
                List<RawClient.Packet> packets = watcher.readToEnd();
                assertThat(packets).hasSize(6);
                assertThat(packets.subList(0, 5))
                        .extracting(RawClient.Packet::topic)
                        .containsExactlyInAnyOrder(
                                "stop/0", "stop/1", "stop/2", "stop/3", "stop/d");
                assertThat(packets.get(5).reason()).isEqualTo(0x8B);
                watcher.close();
            }
            closing.orTimeout(10, TimeUnit.SECONDS).join();
        }
    }
}
