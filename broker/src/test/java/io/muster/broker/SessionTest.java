package io.muster.broker;

import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What outlives a connection, and what does not [MQTT5 4.1, 4.4]. */
class SessionTest {

    private static final int QOS_1 = 0x02;
    private static final int QOS_2 = 0x04;
    private static final int DUP = 0x08;
    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static Packets.Connect lasting(int level, String clientIdentifier) {
        Packets.Connect connect = connect(level, clientIdentifier).resume();
        return level == 5 ? connect.expiry(600) : connect;
    }

    private static RawClient lastingClient(int level, String name, boolean present) {
        return BROKER.raw().speaking(level).connect(lasting(level, name), present);
    }

    private static RawClient publisher() {
        return BROKER.client(4, "publisher-" + System.nanoTime());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void queuesForTheAbsentAndDeliversInOrder(int level) {
        String name = "absent-" + level;
        lastingClient(level, name, false)
                .subscribe(name, 2)
                .send(Packets.DISCONNECT)
                .expectClosed();
        RawClient publisher = publisher();
        for (int i = 1; i <= 40; i += 2) {
            publisher.send(
                    publish(QOS_1, i, name, "" + i), publish(QOS_2, i + 1, name, "" + (i + 1)));
            publisher.send(pubrel(i + 1), publish(name, "zero")); // QoS 0 is not kept
        }
        for (int i = 0; i < 60; i++) {
            publisher.read();
        }
        RawClient client = lastingClient(level, name, true);
        for (int i = 1; i <= 40; i++) {
            RawClient.Packet packet = client.expectPublish("" + i);
            assertThat(packet.qos()).isEqualTo(i % 2 == 1 ? 1 : 2);
            assertThat(packet.duplicate()).isFalse();
        }
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void repeatsWhatWasNotAcknowledgedInOrderAndMarked(int level) {
        String name = "repeat-" + level;
        RawClient client = lastingClient(level, name, false).subscribe(name, 2);
        RawClient publisher = publisher();
        publisher.send(publish(QOS_1, 1, name, "a"), publish(QOS_2, 2, name, "b"));
        publisher.send(publish(QOS_2, 3, name, "c"), publish(QOS_1, 4, name, "d"));
        int a = client.expectPublish("a").packetId();
        int b = client.expectPublish("b").packetId();
        int c = client.expectPublish("c").packetId();
        int d = client.expectPublish("d").packetId();
        client.send(puback(a), pubrec(c)).expect("62 02 00 0" + c);
        client.close();

        RawClient again = lastingClient(level, name, true);
        again.expect("62 02 00 0" + c);
        RawClient.Packet second = again.expectPublish("b"); // [MQTT-4.4.0-1]
        assertThat(second.duplicate()).isTrue(); // [MQTT-3.3.1-1]
        assertThat(second.packetId()).isEqualTo(b);
        RawClient.Packet fourth = again.expectPublish("d");
        assertThat(fourth.duplicate()).isTrue();
        assertThat(fourth.packetId()).isEqualTo(d);
        again.send(pubrec(b)).expect("62 02 00 0" + b);
        again.send(pubcomp(b), pubcomp(c), puback(d)).expectNothing();
        again.close();
        lastingClient(level, name, true).expectNothing();
    }

    @Test
    void doesNotRepeatWhatIsAcknowledgedBeforeItIsRepeated() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(lasting(5, "quick").with(Packets.u16(0x21, 2))).subscribe("quick", 1);
        publisher().send(publish(QOS_1, 1, "quick", "a"), publish(QOS_1, 2, "quick", "b"));
        int a = client.expectPublish("a").packetId();
        int b = client.expectPublish("b").packetId();
        client.close();
        RawClient again = BROKER.raw().speaking(5);
        again.connect(lasting(5, "quick").with(Packets.u16(0x21, 1)), true);
        again.expectPublish("a");
        again.send(puback(b), puback(a)).expectNothing();
        publisher().send(publish(QOS_1, 1, "quick", "c"));
        again.expectPublish("c");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void publishesOnceWhatIsSentTwiceOverAReconnect(int level) {
        String name = "once-" + level;
        RawClient watcher = BROKER.client(4, "w-" + name).subscribe(name, 0);
        RawClient client = lastingClient(level, name, false);
        byte[] publish =
                level == 5
                        ? Packets.publish5(QOS_2, 7, name, Packets.NO_PROPERTIES, "x")
                        : publish(QOS_2, 7, name, "x");
        client.send(publish).expect("50 02 00 07");
        client.close();
        RawClient again = lastingClient(level, name, true);
        byte[] repeated = publish.clone();
        repeated[0] |= DUP;
        again.send(repeated).expect("50 02 00 07"); // [MQTT-4.3.3-10]
        again.send(pubrel(7)).expect("70 02 00 07");
        again.send(pubrel(7)).expect(level == 5 ? "70 03 00 07 92" : "70 02 00 07");
        watcher.expectPublish("x");
        watcher.expectNothing();
        again.send(publish).expect("50 02 00 07"); // The identifier is free again [MQTT-4.3.3-12].
        watcher.expectPublish("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void forgetsAtACleanStart(int level) {
        String name = "clean-" + level;
        lastingClient(level, name, false).subscribe(name, 1).close();
        BROKER.client(level, name).close(); // [MQTT-3.1.2-4]
        publisher().send(publish(QOS_1, 1, name, "x")).expect("40 02 00 01");
        lastingClient(level, name, false).expectNothing(); // [MQTT-3.2.2-2]
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void takesOverAndResumes(int level) {
        String name = "over-" + level;
        RawClient first = lastingClient(level, name, false).subscribe(name, 1);
        RawClient second = lastingClient(level, name, true);
        if (level == 5) {
            first.expect("E0 01 8E"); // [MQTT-3.1.4-3]
        }
        first.expectClosed();
        publisher().send(publish(QOS_1, 1, name, "x"));
        second.expectPublish("x");
    }

    @Test
    void endsAfterItsExpiryInterval() {
        RawClient client = BROKER.raw().speaking(5);
        client.connect(connect(5, "short").expiry(1)).subscribe("short", 1).close();
        BROKER.raw().speaking(5).connect(connect(5, "short").resume().expiry(1), true).close();
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> BROKER.metric("muster.subscriptions") >= 0 && !hasSession("short"));
        BROKER.raw().speaking(5).connect(connect(5, "short").resume(), false);
    }

    private static boolean hasSession(String topic) {
        // Whoever publishes is told whether somebody subscribes [MQTT5 3.4.2.1].
        RawClient client = BROKER.client(5, "asks-" + topic);
        client.send(Packets.publish5(QOS_1, 1, topic, Packets.NO_PROPERTIES, "x"));
        boolean found = client.read().hex().equals("40 02 00 01");
        client.close();
        return found;
    }

    @Test
    void endsWithTheConnectionWithoutAnExpiryInterval() {
        BROKER.client(5, "none").subscribe("none", 1).send(Packets.DISCONNECT).expectClosed();
        BROKER.raw().speaking(5).connect(connect(5, "none").resume(), false); // [MQTT-3.1.2-11.2]
    }

    @Test
    void changesItsExpiryAtDisconnect() {
        RawClient client = lastingClient(5, "changed", false);
        client.send(Packets.disconnect5(0, u32(SESSION_EXPIRY, 0))).expectClosed();
        lastingClient(5, "changed", false);
    }

    @Test
    void tellsTheExpiryInForceWhenItIsLessThanAskedFor() {
        RawClient client = BROKER.raw().speaking(5);
        client.send(connect(5, "forever").expiry(0xFFFF_FFFFL).bytes());
        assertThat(client.read().hex()).contains("11 00 01 51 80"); // one day [MQTT5 3.2.2.3.2]
    }

    @Test
    void refusesSessionsBeyondTheLimit() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.sessionsMax = 1;
        try (BrokerFixture broker = settings.start()) {
            RawClient present = broker.client(5, "present");
            broker.raw().send(connect(5, "other").bytes()).expect("20 03 00 97 00").expectClosed();
            broker.raw().send(connect(4, "other").bytes()).expect("20 02 00 03").expectClosed();
            broker.client(5, "present").expectNothing();
            present.expect("E0 01 8E").expectClosed();
        }
    }
}
