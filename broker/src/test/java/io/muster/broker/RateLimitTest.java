package io.muster.broker;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that come faster than they may, over sockets. */
class RateLimitTest {

    private static BrokerFixture broker(RateLimits rates) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.rates = rates;
        return settings.start();
    }

    private static byte[][] messages(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> publish(QOS_1, i, "t", "" + i))
                .toArray(byte[][]::new);
    }

    private static double limited(BrokerFixture broker, String limit) {
        return broker.metric("muster.limited", "limit", limit);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 0, client_messages",
        "0, 6, 0, 0, client_bytes",
        "0, 0, 1, 0, messages",
        "0, 0, 0, 6, bytes"
    })
    void whoPublishesTooFastIsSlowedAndLosesNothing(
            int ownMessages, int ownBytes, int messages, int bytes, String limit) {
        try (BrokerFixture broker =
                broker(
                        new RateLimits(
                                ownMessages,
                                ownBytes,
                                messages,
                                bytes,
                                0,
                                0,
                                TakeOverLimits.NONE))) {
            RawClient client = broker.client(4, "quick");
            client.send(messages(3)).send(Packets.PINGREQ);
            assertThat(client.expectType(4).packetId()).isEqualTo(1);
            // It is still heard, and the others are not there yet.
            client.expect("D0 00");
            assertThat(broker.metric("muster.held.publishers")).isEqualTo(1);
            assertThat(client.expectType(4).packetId()).isEqualTo(2);
            assertThat(client.expectType(4).packetId()).isEqualTo(3);
            assertThat(limited(broker, limit)).isEqualTo(2);
            await().until(() -> broker.metric("muster.held.publishers") == 0);
            assertThat(broker.metric("muster.messages", "direction", "received", "qos", "1"))
                    .isEqualTo(3);
        }
    }

    @Test
    void whoIsHeldAsAPublisherIsHeardAsASubscriber() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.rates = new RateLimits(1, 0, 0, 0, 0, 0, TakeOverLimits.NONE);
        settings.inflightMax = 1;
        try (BrokerFixture broker = settings.start()) {
            RawClient both = broker.client(4, "both").subscribe("u", 1);
            both.send(messages(3));
            assertThat(both.expectType(4).packetId()).isEqualTo(1);
            for (String payload : new String[] {"a", "b", "c"}) {
                // Each has a rate of its own.
                RawClient other = broker.client(4, "other" + payload);
                other.send(publish(QOS_1, 1, "u", payload)).read();
                RawClient.Packet packet = both.read();
                while (packet.type() == 4) {
                    packet = both.read();
                }
                assertThat(packet.payload()).isEqualTo(payload);
                both.send(puback(packet.packetId()));
            }
        }
    }

    @Test
    void whatAClientSentBeforeItLeftGoesOnWithoutDelay() {
        try (BrokerFixture broker = broker(new RateLimits(1, 0, 0, 0, 0, 0, TakeOverLimits.NONE))) {
            RawClient watcher = broker.client(4, "watcher").subscribe("#", 1);
            RawClient client = broker.raw();
            client.connect(
                    connect(4, "leaving").will("will", "not in order", 0, Packets.NO_PROPERTIES));
            client.send(messages(3)).send(Packets.DISCONNECT).close();
            for (int i = 1; i <= 3; i++) {
                watcher.send(puback(watcher.expectPublish("" + i).packetId()));
            }
            await().until(() -> broker.metric("muster.clients") == 1);
            watcher.expectNothing();
            assertThat(broker.metric("muster.held.publishers")).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, connects", "0, 1, address_connects"})
    void whoConnectsTooFastIsRefused(int all, int ofAddress, String limit) {
        try (BrokerFixture broker =
                broker(new RateLimits(0, 0, 0, 0, all, ofAddress, TakeOverLimits.NONE))) {
            RawClient first = broker.client(5, "first");
            // One of these comes within the same second, however slow the machine is.
            await().until(() -> isRefused(broker));
            assertThat(limited(broker, limit)).isEqualTo(1);
            assertThat(
                            broker.metric(
                                    "muster.connects.refused",
                                    "reason",
                                    "connection_rate_exceeded"))
                    .isEqualTo(1);
            first.expectNothing();
        }
    }

    private static boolean isRefused(BrokerFixture broker) {
        RawClient client = broker.raw().speaking(5);
        RawClient.Packet connack = client.send(connect(5, "next").bytes()).expectType(2);
        boolean isRefused = connack.body()[1] != 0;
        if (isRefused) {
            assertThat(connack.body()[1] & 0xFF).isEqualTo(0x9F);
            client.expectClosed();
        }
        return isRefused;
    }
}
