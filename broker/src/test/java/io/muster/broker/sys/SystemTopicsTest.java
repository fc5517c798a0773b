package io.muster.broker.sys;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.RawClient.Packet;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker's figures under {@code $SYS} and its counts, as clients and operators see them. */
class SystemTopicsTest {

    private static final BrokerFixture BROKER = every(Duration.ofMillis(50)).start();

    private static BrokerFixture.Settings every(Duration interval) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.systemInterval = interval;
        return settings;
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** What a watcher has read: the last text of each topic. */
    private static final class Seen {

        private final Map<String, String> texts = new HashMap<>();
        private final RawClient watcher;

        private Seen(RawClient watcher) {
            this.watcher = watcher;
        }

        /** Reads until each of the topics has the text that is wanted. */
        private void expect(Map<String, String> wanted) {
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (!texts.entrySet().containsAll(wanted.entrySet())) {
                assertThat(System.nanoTime()).as("in time; seen %s", texts).isLessThan(deadline);
                Packet packet = watcher.read();
                texts.put(packet.topic(), packet.payload());
            }
        }
    }

    @Test
    void whoSubscribesGetsTheFiguresAtOnce() {
        RawClient watcher = BROKER.client(4, "watcher");
        await().until(() -> BROKER.metric("muster.retained.messages") > 0);
        watcher.subscribe("$SYS/broker/version", 0);
        Packet version = watcher.read();
        assertThat(version.payload()).matches("muster version \\S+");
        assertThat(version.retain()).isTrue();
        watcher.subscribe("$SYS/broker/uptime", 2);
        Packet uptime = watcher.read();
        assertThat(uptime.payload()).matches("\\d+ seconds");
        assertThat(uptime.qos()).isZero();
    }

    @Test
    void whoStaysGetsWhatChanges() {
        try (BrokerFixture broker = every(Duration.ofMillis(50)).start()) {
            Seen watcher = new Seen(broker.client(5, "watcher").subscribe("$SYS/#", 0));
            watcher.expect(Map.of("$SYS/broker/clients/connected", "1"));
            broker.client(4, "second");
            watcher.expect(
                    Map.of(
                            "$SYS/broker/clients/connected", "2",
                            "$SYS/broker/clients/active", "2",
                            "$SYS/broker/clients/maximum", "2",
                            "$SYS/broker/clients/total", "2"));
            RawClient third = broker.raw().connect(connect(4, "third").resume());
            third.send(publish("nobody/listens", "12345")).send(Packets.DISCONNECT).expectClosed();
            watcher.expect(
                    Map.of(
                            "$SYS/broker/clients/disconnected", "1",
                            "$SYS/broker/clients/inactive", "1",
                            "$SYS/broker/subscriptions/count", "1",
                            "$SYS/broker/publish/messages/received", "1",
                            "$SYS/broker/publish/bytes/received", "5"));
        }
    }

    @Test
    void eachMemberOfASharedSubscriptionCounts() {
        try (BrokerFixture broker = every(Duration.ofMillis(50)).start()) {
            Seen watcher = new Seen(broker.client(5, "watcher").subscribe("$SYS/#", 0));
            watcher.expect(Map.of("$SYS/broker/shared_subscriptions/count", "0"));
            RawClient one = broker.client(5, "one").subscribe("$share/g/a", 0);
            broker.client(5, "two").subscribe("$share/g/a", 0).subscribe("$share/h/a", 1);
            broker.client(4, "three").subscribe("a", 0);
            watcher.expect(
                    Map.of(
                            "$SYS/broker/shared_subscriptions/count", "3",
                            "$SYS/broker/subscriptions/count", "5"));
            one.send(Packets.unsubscribe5(1, Packets.NO_PROPERTIES, "$share/g/a")).read();
            watcher.expect(Map.of("$SYS/broker/shared_subscriptions/count", "2"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+/broker/uptime", "+/#", "+/broker/#"})
    void noFilterThatBeginsWithAWildcardMatchesThem(String filter) {
        RawClient watcher = BROKER.client(4, "w").subscribe(filter, 0); // [MQTT-4.7.2-1]
        RawClient other = BROKER.client(4, "o").subscribe("$SYS/broker/messages/received", 0);
        other.read();
        other.read(); // so something was published meanwhile
        watcher.expectNothing();
    }

    @Test
    void noClientPublishesThere() {
        RawClient watcher = BROKER.client(4, "watcher").subscribe("$SYS/mine/#", 1);
        RawClient five = BROKER.client(5, "five");
        five.send(Packets.publish5(0x32, 7, "$SYS/mine/a", Packets.NO_PROPERTIES, "x"))
                .expect("40 03 00 07 87"); // PUBACK, Not authorized
        RawClient four = BROKER.client(4, "four");
        four.send(publish(0x33, 8, "$SYS/mine/b", "x")).expect("40 02 00 08");
        watcher.expectNothing();
        watcher.subscribe("$SYS/mine/b", 0).expectNothing();
    }

    @Test
    void noWillGoesThere() {
        BROKER.raw()
                .speaking(5)
                .send(connect(5, "w").will("$SYS/mine", "x", 0, Packets.NO_PROPERTIES).bytes())
                .expect("20 03 00 87 00")
                .expectClosed();
    }

    @Test
    void withoutAnIntervalThereIsNothing() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.client(4, "c").subscribe("$SYS/#", 0).expectNothing();
            assertThat(broker.metric("muster.retained.messages")).isZero();
        }
    }

    @Test
    void figuresThatFindNoRoomToBeRetainedAreSentAllTheSame() {
        BrokerFixture.Settings settings = every(Duration.ofMillis(50));
        settings.retainedMax = 0;
        try (BrokerFixture broker = settings.start()) {
            Seen watcher = new Seen(broker.client(4, "w").subscribe("$SYS/broker/clients/#", 0));
            broker.client(4, "another");
            watcher.expect(Map.of("$SYS/broker/clients/connected", "2"));
            assertThat(broker.metric("muster.messages.dropped", "reason", "retained_full"))
                    .isZero();
        }
    }

    // ---------------------------------------------------------------------- counts

    @Test
    void bytesAndPacketsAreCountedAsTheyGoOverTheWire() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            broker.client(4, "c").expectNothing().expectNothing();
            // A CONNACK has 4 bytes, a PINGRESP 2.
            assertThat(broker.metric("muster.bytes", "direction", "sent")).isEqualTo(8);
            assertThat(broker.metric("muster.packets", "direction", "received", "type", "pingreq"))
                    .isEqualTo(2);
        }
    }

    @Test
    void theLastBytesOfAConnectionAreCountedToo() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.client(5, "c");
            double before = broker.metric("muster.bytes", "direction", "sent");
            broker.broker().clients().disconnect("c");
            int last = 2 + client.read().body().length;
            client.expectClosed();
            assertThat(broker.metric("muster.bytes", "direction", "sent")).isEqualTo(before + last);
        }
    }
}
