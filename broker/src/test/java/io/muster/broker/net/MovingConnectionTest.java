package io.muster.broker.net;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Sessions that are resumed by connections of another event loop. There are two: the sessions are
 * on the first, which a connection that stays makes the fuller one, so every reconnect goes to the
 * second and has to move.
 */
class MovingConnectionTest {

    private static final int RECONNECTS = 200;
    private static final int QOS_1 = 0x02;

    @Test
    void handlesWhatCameBehindConnectInOrder() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient first = broker.raw().connect(connect(4, "mover").resume());
            first.close();
            broker.crowdFirstLoop();
            for (int i = 0; i < RECONNECTS; i++) {
                RawClient client = broker.raw();
                client.send(
                        connect(4, "mover").resume().bytes(),
                        subscribe(1, "echo", 1),
                        publish(QOS_1, 2, "echo", "a"),
                        publish(QOS_1, 3, "echo", "b"),
                        Packets.PINGREQ);
                client.expectConnack(true).expect("90 03 00 01 01");
                int a = client.expectPublish("a").packetId();
                client.expect("40 02 00 02");
                int b = client.expectPublish("b").packetId();
                client.expect("40 02 00 03").expect("D0 00");
                client.send(puback(a), puback(b), publish("echo", "c"));
                client.expectPublish("c");
                client.send(Packets.DISCONNECT).expectClosed();
                client.close();
            }
        }
    }

    @Test
    void goesOnWithAPacketThatWasCutInTwoByTheMove() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient first = broker.raw().connect(connect(4, "cut").resume());
            first.close();
            broker.crowdFirstLoop();
            byte[] subscribe = subscribe(1, "a/long/enough/filter", 1);
            for (int i = 0; i < RECONNECTS; i++) {
                int cut = 1 + i % (subscribe.length - 1);
                RawClient client = broker.raw();
                client.send(connect(4, "cut").resume().bytes(), Arrays.copyOf(subscribe, cut));
                client.expectConnack(true);
                client.send(Arrays.copyOfRange(subscribe, cut, subscribe.length));
                client.expect("90 03 00 01 01").close();
            }
        }
    }

    @Test
    void survivesClientsThatLeaveWhileTheyMove() {
        try (BrokerFixture broker = BrokerFixture.open()) {
            RawClient first = broker.raw().connect(connect(4, "leaver").resume());
            first.close();
            broker.crowdFirstLoop();
            for (int i = 0; i < RECONNECTS; i++) {
                RawClient client = broker.raw();
                client.send(connect(4, "leaver").resume().bytes(), subscribe(1, "t", 1));
                client.close();
            }
            // All have been seen to leave: one that is late would take the session over. One is the
            // crowd.
            await().until(() -> broker.metric("muster.connections") == 1);
            RawClient last = broker.raw().send(connect(4, "leaver").resume().bytes());
            assertThat(last.read().type()).isEqualTo(2);
            last.send(publish(QOS_1, 1, "nobody", "x")).expect("40 02 00 01");
            assertThat(broker.metric("muster.clients")).isEqualTo(1);
        }
    }

    @Test
    void keepsTheOrderOfAPublisherWhileTheSubscriberReconnects() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = 100_000;
        try (BrokerFixture broker = settings.start()) {
            broker.raw().connect(connect(4, "reader").resume()).subscribe("n/#", 1).close();
            int publishers = 4;
            int messages = 2_000;
            List<CompletableFuture<Void>> publishing = new ArrayList<>();
            for (int p = 0; p < publishers; p++) {
                String topic = "n/" + p;
                RawClient publisher = broker.client(4, "publisher-" + p);
                publishing.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    for (int i = 1; i <= messages; i++) {
                                        publisher.send(publish(QOS_1, i, topic, "" + i)).read();
                                    }
                                }));
            }
            int[] last = new int[publishers];
            while (Arrays.stream(last).sum() < publishers * messages) {
                RawClient reader = broker.raw().connect(connect(4, "reader").resume(), true);
                readSome(reader, last, publishers * messages);
                reader.close();
            }
            CompletableFuture.allOf(publishing.toArray(CompletableFuture[]::new))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
            assertThat(last).containsOnly(messages);
        }
    }

    /** Reads up to 300 messages; of each topic the next one, or one marked as sent again. */
    private static void readSome(RawClient reader, int[] last, int all) {
        for (int i = 0; i < 300 && Arrays.stream(last).sum() < all; i++) {
            RawClient.Packet packet = reader.read();
            int topic = packet.topic().charAt(2) - '0';
            int number = Integer.parseInt(packet.payload());
            if (!packet.duplicate() || number > last[topic]) {
                assertThat(number).isEqualTo(last[topic] + 1);
                last[topic] = number;
            }
            reader.send(puback(packet.packetId()));
        }
    }
}
