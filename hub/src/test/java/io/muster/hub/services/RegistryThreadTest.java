package io.muster.hub.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry that does not answer. */
class RegistryThreadTest {

    private final RegistryThread thread = new RegistryThread(Duration.ofSeconds(30));
    private final CountDownLatch held = new CountDownLatch(1);
    private final List<CompletableFuture<Reply>> replies = new ArrayList<>();

    @AfterEach
    void close() {
        held.countDown();
        thread.close();
    }

    private CompletableFuture<Reply> ask(String device, int bytes) {
        return ask(device, "pump/" + device, bytes);
    }

    private CompletableFuture<Reply> ask(String device, String publisher, int bytes) {
        CompletableFuture<Reply> reply =
                thread.run(
                                new Request(
                                        new DeviceId("pump", device),
                                        publisher,
                                        "x",
                                        Envelope.object(),
                                        bytes),
                                this::awaitRegistry)
                        .toCompletableFuture();
        replies.add(reply);
        return reply;
    }

    private Reply awaitRegistry() {
        try {
            return held.await(30, TimeUnit.SECONDS)
                    ? Reply.done()
                    : Reply.failure(ReplyCode.INTERNAL, "not released");
        } catch (InterruptedException e) {
            return Reply.failure(ReplyCode.INTERNAL, "interrupted");
        }
    }

    private static void assertTooMany(CompletableFuture<Reply> reply) {
        assertThat(reply.join().code()).isEqualTo(ReplyCode.TOO_MANY_REQUESTS);
    }

    @Test
    void keepsAHundredRequestsOfADevice() {
        for (int i = 0; i < 100; i++) {
            assertThat(ask("d1", 10)).isNotDone();
        }

        assertTooMany(ask("d1", 10));
        assertThat(ask("d2", 10)).isNotDone();
    }

    @Test
    void keepsAHundredRequestsOfAGatewayForHoweverManyDevices() {
        for (int i = 0; i < 100; i++) {
            assertThat(ask("d" + i, "gw/g1", 10)).isNotDone();
        }

        assertTooMany(ask("d100", "gw/g1", 10));
        assertThat(ask("d100", "gw/g2", 10)).isNotDone();
    }

    @Test
    void keepsAMegabyteOfADeviceAndOneRequestHoweverLarge() {
        assertThat(ask("d1", 2_000_000)).isNotDone();
        assertTooMany(ask("d1", 1));
        assertThat(ask("d2", 500_000)).isNotDone();
        assertThat(ask("d2", 500_000)).isNotDone();
        assertTooMany(ask("d2", 500_000));
    }

    @Test
    void keepsThirtyTwoMegabytesOfAllDevices() {
        for (int i = 0; i < 33; i++) {
            assertThat(ask("d" + i, 1_000_000)).isNotDone();
        }

        assertTooMany(ask("d33", 1_000_000));
        assertThat(ask("d34", 10)).isNotDone();
    }

    @Test
    void hasRoomAgainWhenTheRegistryAnswers() {
        for (int i = 0; i < 100; i++) {
            ask("d1", 10);
        }
        assertTooMany(ask("d1", 10));

        held.countDown();

        replies.subList(0, 100)
                .forEach(reply -> assertThat(reply.join().code()).isEqualTo(ReplyCode.SUCCESS));
        assertThat(ask("d1", 10).join().code()).isEqualTo(ReplyCode.SUCCESS);
    }

    @Test
    void answersWhenItTookTooLong() {
        try (RegistryThread impatient = new RegistryThread(Duration.ofMillis(50))) {
            CompletableFuture<Reply> late =
                    impatient
                            .run(
                                    new Request(
                                            new DeviceId("pump", "d1"),
                                            "pump/d1",
                                            "x",
                                            Envelope.object(),
                                            10),
                                    this::awaitRegistry)
                            .toCompletableFuture();

            assertThat(late.join().code()).isEqualTo(ReplyCode.TIMED_OUT);
        }
    }
}
