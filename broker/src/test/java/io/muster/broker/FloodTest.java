package io.muster.broker;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient.Packet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Publishers that send as fast as they can, to one subscriber that is well and one that is dead.
 */
class FloodTest {

    private static final int PUBLISHERS = 4;
    private static final int MESSAGES = 5_000;
    private static final int QUEUE_MAX = 100;

    @Test
    void aDeadSubscriberCostsItsQueueAndNoMessageOfTheOthers() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = QUEUE_MAX;
        settings.inflightMax = 20;
        settings.stall = Duration.ofMillis(500);
        try (BrokerFixture broker = settings.start()) {
            broker.raw().connect(connect(4, "dead")).subscribe("#", 1);
            RawClient healthy = broker.client(4, "healthy").subscribe("#", 1);
            List<CompletableFuture<Void>> publishing = new ArrayList<>();
            for (int i = 0; i < PUBLISHERS; i++) {
                RawClient publisher = broker.client(4, "publisher" + i);
                String topic = "t" + i;
                publishing.add(CompletableFuture.runAsync(() -> flood(publisher, topic)));
            }
            int[] last = new int[PUBLISHERS];
            double waitingMost = 0;
            for (int i = 0; i < PUBLISHERS * MESSAGES; i++) {
                Packet packet = healthy.expectType(3);
                int publisher = packet.topic().charAt(1) - '0';
                assertThat(packet.payload()).isEqualTo(Integer.toString(++last[publisher]));
                healthy.send(puback(packet.packetId()));
                if (i % 50 == 0) {
                    waitingMost = Math.max(waitingMost, broker.metric("muster.queued.messages"));
                }
            }
            assertThat(last).containsOnly(MESSAGES);
            assertThat(waitingMost).isLessThanOrEqualTo(2 * QUEUE_MAX / 2 + 2);
            publishing.forEach(CompletableFuture::join);
            await().until(() -> broker.metric("muster.stalled.clients") == 1);
            assertThat(broker.broker().clients().find("dead")).isEmpty();
            assertThat(broker.broker().clients().find("healthy")).isPresent();
            assertThat(broker.metric("muster.messages.dropped")).isZero();
            assertThat(broker.metric("muster.held.publishers")).isZero();
        }
    }

    /** Sends all at once, whatever is acknowledged. */
    private static void flood(RawClient publisher, String topic) {
        CompletableFuture<Void> acknowledged =
                CompletableFuture.runAsync(
                        () -> {
                            for (int i = 1; i <= MESSAGES; i++) {
                                assertThat(publisher.expectType(4).packetId()).isEqualTo(i);
                            }
                        });
        publisher.send(
                IntStream.rangeClosed(1, MESSAGES)
                        .mapToObj(i -> publish(QOS_1, i, topic, "" + i))
                        .toArray(byte[][]::new));
        acknowledged.join();
    }
}
