package io.muster.broker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.protocol.Redirection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many clients at once, on both event loops, that take each other over, leave in the middle of
 * everything and return: what docs/ordering.md promises holds. The clients' choices are those of
 * the seed, {@code -Dmuster.fuzz.seed}; how they meet is not.
 */
class ManyClientsTest {

    private static final long SEED = Long.getLong("muster.fuzz.seed", 20_240_607);
    private static final int ONCE_EACH = Integer.getInteger("muster.fuzz.messages", 300);
    private static final Duration PATIENCE =
            Duration.ofSeconds(Integer.getInteger("muster.fuzz.seconds", 60));

    private static final Map<String, Integer> PUBLISHED =
            Map.of("n/1/a", ONCE_EACH, "n/1/b", ONCE_EACH, "n/2/a", ONCE_EACH, "n/2/b", ONCE_EACH);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private int actors;

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private void run(Runnable actor) {
        running.add(CompletableFuture.runAsync(actor, threads));
    }

    /** Waits until all are done, or the first fails. */
    private void join() {
        CompletableFuture<Void> failed = new CompletableFuture<>();
        running.forEach(
                actor ->
                        actor.whenComplete(
                                (done, failure) -> {
                                    if (failure != null) {
                                        failed.completeExceptionally(failure);
                                    }
                                }));
        CompletableFuture<Void> all =
                CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        CompletableFuture.anyOf(all, failed)
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private Random random() {
        return new Random(SEED + actors++);
    }

    private static BrokerFixture broker() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.queueMessagesMax = 1_000_000;
        return settings.start();
    }

    @Test
    void nothingIsLostOrDoubledOrOutOfOrderInAStormOfTakeOvers() {
        try (Complaints complaints = Complaints.watch();
                BrokerFixture broker = broker()) {
            Map<String, Arrivals> readers =
                    Map.of("reader-4", Arrivals.ofOne(), "reader-5", Arrivals.ofOne());
            readers.forEach((name, own) -> subscribe(broker, name, "n/#", own));
            Arrivals group = Arrivals.ofGroup();
            for (String member : List.of("member-a-4", "member-b-5", "member-c-5")) {
                subscribe(broker, member, "$share/g/n/#", group);
            }
            AtomicBoolean isPublished = new AtomicBoolean();
            churn(broker.address(), isPublished::get);
            publish(broker);
            try {
                join();
            } catch (RuntimeException failure) {
                throw new AssertionError(
                        "seed %d: %s, group %s".formatted(SEED, readers, group), failure);
            } finally {
                isPublished.set(true);
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(broker.metric("muster.clients")).isZero());
            assertThat(complaints.linesAndLeaks()).isEmpty();
        }
    }

    private void subscribe(BrokerFixture broker, String name, String filter, Arrivals arrivals) {
        int level = name.charAt(name.length() - 1) - '0';
        RestlessSubscriber subscriber =
                new RestlessSubscriber(broker.address(), name, level, arrivals, random());
        subscriber.subscribe(filter);
        run(() -> subscriber.run(() -> arrivals.hasAll(PUBLISHED)));
    }

    private void publish(BrokerFixture broker) {
        for (String topic : List.of("n/2/a", "n/2/b")) {
            Random random = random();
            run(
                    () -> {
                        try (var publisher =
                                new RestlessPublisher(broker.address(), topic, random)) {
                            for (int number = 1; number <= ONCE_EACH; number++) {
                                publisher.publish(number);
                            }
                        }
                    });
        }
        for (String topic : List.of("n/1/a", "n/1/b")) {
            run(() -> publishAtLeastOnce(broker.address(), topic));
        }
    }

    private static void publishAtLeastOnce(InetSocketAddress address, String topic) {
        try (RawClient client = RawClient.to(address)) {
            client.connect(Packets.connect(4, "publisher of " + topic));
            for (int number = 1; number <= ONCE_EACH; number++) {
                client.send(Packets.publish(Packets.QOS_1, number, topic, "" + number));
                client.expectType(4);
            }
        }
    }

    /** Others subscribe to the same topics and unsubscribe, and leave without a word. */
    private void churn(InetSocketAddress address, BooleanSupplier isOver) {
        Random random = random();
        threads.execute(
                () -> {
                    while (!isOver.getAsBoolean()) {
                        try (RawClient client = RawClient.to(address)) {
                            client.send(Packets.connect(4, "churner").bytes());
                            for (int i = random.nextInt(30); i > 0; i--) {
                                client.send(
                                        Packets.subscribe(1, "n/+/a", random.nextInt(3)),
                                        Packets.subscribe(2, "$share/h/n/#", 1),
                                        Packets.unsubscribe(3, "n/+/a", "$share/h/n/#"));
                            }
                            client.readOrEnd();
                        }
                    }
                });
    }

    @Test
    void nobodyStaysWhoConnectsWhileTheBrokerDrains() {
        try (Complaints complaints = Complaints.watch();
                BrokerFixture broker = broker()) {
            for (int i = 0; i < 4; i++) {
                Random random = random();
                run(() -> connectUntilRefused(broker.address(), random));
            }
            await().until(() -> broker.broker().clients().list("", 20).size() >= 8);
            broker.broker().drain().start(new Redirection(false, Optional.empty()), 5_000);
            join();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                assertThat(broker.metric("muster.clients")).isZero();
                                assertThat(broker.metric("muster.connections")).isZero();
                            });
            assertThat(complaints.linesAndLeaks()).isEmpty();
        }
    }

    /** Stays connected with many; each is told to go elsewhere, at once or later. */
    private static void connectUntilRefused(InetSocketAddress address, Random random) {
        List<RawClient> connected = new ArrayList<>();
        int code = 0;
        while (code == 0) {
            RawClient client = RawClient.to(address).speaking(5);
            String name = "c" + random.nextInt(400);
            code = client.send(Packets.connect(5, name).bytes()).expectType(2).reason();
            connected.add(client);
        }
        assertThat(code).isEqualTo(0x9C);
        for (RawClient client : connected) {
            List<RawClient.Packet> last = client.readToEnd();
            assertThat(last).allSatisfy(each -> assertThat(each.reason()).isIn(0x8E, 0x9C));
            client.close();
        }
    }
}
