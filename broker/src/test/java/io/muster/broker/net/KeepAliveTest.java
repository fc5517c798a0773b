package io.muster.broker.net;

import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class KeepAliveTest {

    private static final long BEGIN = Long.MAX_VALUE - 1_000; // it may overflow

    // ------------------------------------------------------------------------ the time

    private static long at(long millis) {
        return BEGIN + MILLISECONDS.toNanos(millis);
    }

    @Test
    void isOneAndAHalfTimesWhatTheClientAskedForAndALittleForWhatIsOnTheWay() {
        KeepAlive keepAlive = new KeepAlive(10, BEGIN);
        assertThat(keepAlive.isOn()).isTrue();
        assertThat(keepAlive.leftNanos(at(0))).isEqualTo(MILLISECONDS.toNanos(15_250));
        assertThat(keepAlive.leftNanos(at(15_249))).isPositive();
        assertThat(keepAlive.leftNanos(at(15_250))).isZero();
    }

    @Test
    void beginsAnewWithEachPacket() {
        KeepAlive keepAlive = new KeepAlive(1, BEGIN);
        keepAlive.restart(at(1_499));
        assertThat(keepAlive.leftNanos(at(2_000))).isEqualTo(MILLISECONDS.toNanos(1_249));
    }

    @Test
    void isOffAtZero() {
        assertThat(new KeepAlive(0, BEGIN).isOn()).isFalse();
    }

    @Test
    void theLongestIsNotTooLongForItsNumbers() {
        assertThat(new KeepAlive(65_535, 0).leftNanos(0))
                .isEqualTo(MILLISECONDS.toNanos(65_535_000L * 3 / 2 + 250));
    }

    // --------------------------------------------- clients that the broker does not read from

    private static byte[] pings(int count) {
        byte[] pings = new byte[2 * count];
        for (int i = 0; i < pings.length; i += 2) {
            pings[i] = PINGREQ[0];
        }
        return pings;
    }

    /** Sends so many PINGREQ that neither the buffers nor the broker take them all. */
    private static CompletableFuture<Void> flood(RawClient client) {
        return CompletableFuture.runAsync(
                () -> {
                    byte[] pings = pings(10_000);
                    for (int i = 0; i < 10_000; i++) {
                        client.send(pings);
                    }
                });
    }

    @Test
    void endsAClientThatReadsNothingOfItsAnswers() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.outboundBytesMax = 10_000;
        try (BrokerFixture broker = settings.start()) {
            RawClient client = RawClient.to(broker.address(), 4_096);
            client.connect(connect(4, "stuck").keepAlive(1));
            var unused = flood(client);
            await().atMost(Duration.ofSeconds(8)).until(() -> isGone(broker, "stuck"));
            client.close();
        }
    }

    @Test
    void keepsAClientThatReadsItsAnswersSlowly() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.outboundBytesMax = 1 << 22;
        try (BrokerFixture broker = settings.start()) {
            RawClient client = RawClient.to(broker.address(), 1 << 16);
            client.connect(connect(4, "slow").keepAlive(2));
            var unused = flood(client);
            await().until(() -> hasStopped(broker));
            await().pollInterval(Duration.ofMillis(100))
                    .during(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(15))
                    .until(
                            () -> {
                                client.skip(300_000);
                                return !isGone(broker, "slow");
                            });
            client.close();
        }
    }

    private static boolean isGone(BrokerFixture broker, String client) {
        return broker.broker().clients().find(client).isEmpty();
    }

    private static double received(BrokerFixture broker) {
        return broker.metric("muster.packets", "direction", "received");
    }

    /** Whether nothing was read for a moment. */
    private static boolean hasStopped(BrokerFixture broker) {
        double before = received(broker);
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        return before > 10 && received(broker) == before;
    }

    @Test
    void stopsReadingFromAClientThatDoesNotReadItsAnswers() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.outboundBytesMax = 10_000;
        try (BrokerFixture broker = settings.start()) {
            RawClient client = RawClient.to(broker.address(), 4_096);
            client.connect(connect(4, "rude"));
            CompletableFuture<Void> flood = flood(client);
            await().until(() -> hasStopped(broker));
            assertThat(flood).as("all that it sends").isNotDone();
            assertThat(isGone(broker, "rude")).as("without keep alive it may stay").isFalse();
            client.close();
        }
    }

    /**
     * The first and the third connection are on one loop, which the sign-in of the third holds up;
     * so what the second publishes to the first piles up, until it is made to wait.
     */
    @Test
    void keepsAPublisherThatIsMadeToWait() {
        CountDownLatch held = new CountDownLatch(1);
        BrokerFixture.Settings settings = BrokerFixture.settings();
        var open = settings.authenticator;
        settings.authenticator =
                credentials -> {
                    if (credentials.clientIdentifier().equals("holder")) {
                        awaitUninterrupted(held);
                    }
                    return open.authenticate(credentials);
                };
        try (BrokerFixture broker = settings.start()) {
            broker.client(4, "subscriber").subscribe("t", 0);
            RawClient publisher = broker.raw().connect(connect(4, "publisher").keepAlive(1));
            broker.raw().send(connect(4, "holder").bytes());
            byte[][] batch = new byte[3_000][];
            Arrays.fill(batch, publish("t", ""));
            CompletableFuture<Void> publishing =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    publisher.send(batch);
                                }
                                publisher.send(Packets.PINGREQ);
                            });
            await().until(() -> hasStopped(broker));
            await().during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(9))
                    .until(() -> !isGone(broker, "publisher"));
            held.countDown();
            publishing.join();
            publisher.expect("D0 00");
        } finally {
            held.countDown();
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
