package io.muster.broker;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits, windows, and clients that do not keep up. */
class FlowControlTest {

    private static final int QOS_1 = 0x02;
    private static final int QOS_2 = 0x04;

    private static BrokerFixture small() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.inflightMax = 3;
        settings.queueMessagesMax = 10;
        return settings.start();
    }

    @Test
    void sendsNoMoreUnacknowledgedThanTheClientTakes() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.raw().speaking(5);
            client.connect(connect(5, "two").with(u16(Packets.RECEIVE_MAXIMUM, 2)));
            client.subscribe("t", 2);
            RawClient publisher = broker.client(4, "publisher");
            for (int i = 1; i <= 4; i++) {
                publisher.send(publish(QOS_1, i, "t", "" + i)).read();
            }
            int first = client.expectPublish("1").packetId();
            client.expectPublish("2");
            client.expectNothing(); // [MQTT-3.3.4-9]
            client.send(puback(first));
            client.expectPublish("3");
            client.expectNothing();
        }
    }

    @Test
    void endsAConnectionThatSendsMoreThanItMay() {
        try (BrokerFixture broker = small()) {
            RawClient client = broker.client(5, "flood");
            for (int i = 1; i <= 3; i++) {
                client.send(publish5(QOS_2, i, "t", NO_PROPERTIES, "x"));
                client.expect("50 02 00 0" + i);
            }
            client.send(publish5(QOS_2, 4, "t", NO_PROPERTIES, "x"));
            client.expect("E0 01 93").expectClosed(); // [MQTT-3.3.4-7]
        }
    }

    @Test
    void sendsNoPacketLargerThanTheClientTakes() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient client = broker.raw().speaking(5);
            client.connect(connect(5, "tiny").with(u32(Packets.MAXIMUM_PACKET_SIZE, 100)));
            client.subscribe("t", 1);
            RawClient publisher = broker.client(4, "publisher");
            publisher.send(publish(QOS_1, 1, "t", "x".repeat(200)), publish(QOS_1, 2, "t", "y"));
            client.expectPublish("y"); // [MQTT-3.1.2-24], [MQTT-3.1.2-25]
            await().untilAsserted(
                            () ->
                                    assertThat(
                                                    broker.metric(
                                                            "muster.messages.dropped",
                                                            "reason",
                                                            "too_large"))
                                            .isEqualTo(1));
        }
    }

    @Test
    void dropsTheNewestWhenAQueueIsFull() {
        try (BrokerFixture broker = small()) {
            broker.raw().connect(connect(4, "away").resume()).subscribe("t", 1).close();
            await().until(() -> broker.broker().clients().list("", 9).isEmpty());
            RawClient publisher = broker.client(4, "publisher");
            for (int i = 1; i <= 15; i++) {
                publisher.send(publish(QOS_1, i, "t", "" + i)).read();
            }
            await().until(() -> broker.metric("muster.queued.messages") == 10);
            await().until(
                            () ->
                                    broker.metric("muster.messages.dropped", "reason", "queue_full")
                                            == 5);
            RawClient client = broker.raw().connect(connect(4, "away").resume(), true);
            for (int i = 1; i <= 10; i++) {
                client.send(puback(client.expectPublish("" + i).packetId()));
            }
            client.expectNothing();
            await().until(() -> broker.metric("muster.queued.messages") == 0);
        }
    }

    @Test
    void boundsWhatASlowClientCostsAndSparesTheOthers() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient slow = RawClient.to(broker.address(), 4_096);
            slow.connect(connect(4, "slow")).subscribe("t", 0);
            RawClient quick = broker.client(4, "quick").subscribe("t", 0);
            RawClient publisher = broker.client(4, "publisher");
            String payload = "x".repeat(10_000);
            for (int i = 1; i <= 3_000; i++) {
                publisher.send(publish("t", payload));
                quick.expectPublish(payload);
            }
            await().until(
                            () ->
                                    broker.metric("muster.messages.dropped", "reason", "queue_full")
                                            > 100);
            assertThat(broker.metric("muster.queued.messages")).isLessThanOrEqualTo(1_000);
            assertThat(broker.metric("muster.limited")).as("nobody waits for QoS 0").isZero();
            // What it had before goes on, in order and without end of the connection.
            slow.expectPublish(payload);
            // And it can be ended, although it does not read what it is sent before the end.
            CompletableFuture<Boolean> ended =
                    broker.broker().clients().disconnect("slow").toCompletableFuture();
            assertThat(ended.orTimeout(5, TimeUnit.SECONDS).join()).isTrue();
            await().until(() -> broker.metric("muster.connections") == 2);
            slow.close();
        }
    }

    @Test
    void doesNotReadFromAClientThatDoesNotReadItsAnswers() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.outboundBytesMax = 10_000;
        try (BrokerFixture broker = settings.start()) {
            RawClient rude = RawClient.to(broker.address(), 4_096);
            rude.connect(connect(4, "rude"));
            byte[] pings = new byte[20_000];
            for (int i = 0; i < pings.length; i += 2) {
                pings[i] = Packets.PINGREQ[0];
            }
            // With nobody reading, the buffers between the two fill up and the writer is stuck.
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 10_000; i++) {
                                    rude.send(pings);
                                }
                            });
            await().pollDelay(Duration.ofMillis(500)).until(() -> !writing.isDone());
            for (int i = 0; i < 200_000; i++) {
                rude.read(); // Now it reads, and is read from again.
            }
            rude.close();
            assertThat(writing)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .withCauseInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void sendsManyRetainedMessagesToAClientAsItTakesThem() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.outboundBytesMax = 10_000;
        try (BrokerFixture broker = settings.start()) {
            RawClient publisher = broker.client(4, "publisher");
            for (int i = 1; i <= 2_000; i++) {
                publisher.send(publish(QOS_1 | 1, i, "r/" + i, "x".repeat(100))).read();
            }
            RawClient client = broker.client(4, "reader").subscribe("r/#", 1);
            for (int i = 1; i <= 2_000; i++) {
                RawClient.Packet packet = client.read();
                assertThat(packet.retain()).isTrue();
                client.send(puback(packet.packetId()));
            }
            client.expectNothing();
        }
    }

    @Test
    void closesConnectionsBeyondTheLimit() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.connectionsMax = 2;
        try (BrokerFixture broker = settings.start()) {
            RawClient first = broker.client(4, "first");
            RawClient second = broker.client(4, "second");
            broker.raw().expectClosed();
            second.expectNothing();
            first.close();
            await().until(() -> broker.metric("muster.connections") == 1);
            broker.client(4, "third").expectNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"0x32, 40", "0x34, 50"})
    void publishersAreToldOfAFullQueueIfThatIsThePolicy(int firstByte, String answer) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queuePolicy = QueuePolicy.REFUSE;
        settings.queueMessagesMax = 1;
        try (BrokerFixture broker = settings.start()) {
            RawClient away = broker.raw().speaking(5).connect(connect(5, "a").expiry(60));
            away.subscribe("t", 2).send(Packets.DISCONNECT).expectClosed();
            RawClient publisher = broker.client(5, "publisher");
            publisher
                    .send(publish5(firstByte, 1, "t", NO_PROPERTIES, "first"))
                    .expect(answer + " 02 00 01");
            publisher
                    .send(publish5(firstByte, 2, "t", NO_PROPERTIES, "second"))
                    .expect(answer + " 03 00 02 97");
        }
    }
}
