package io.muster.hub.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.DenyReason;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.api.access.Door.Kind;
import io.muster.hub.api.access.Operators.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers cost before it is known who they are. */
class DoorTest {

    private static final InetSocketAddress AWAY = new InetSocketAddress("192.0.2.7", 50_000);
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);
    private static final Answer KNOWN =
            new Answer.Known(
                    new Caller(Caller.Kind.KEY, "k", Role.READ, "192.0.2.7", Optional.empty()));

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private final Door door = new Door(nanos::get, Duration.ofMinutes(1));
    private final CountDownLatch leave = new CountDownLatch(1);
    private final List<Thread> strangers = new ArrayList<>();

    private Answer wrong(String name, InetSocketAddress from) {
        return door.judge(
                Kind.KEY,
                name,
                Optional.of(name + ".wrong"),
                from,
                () -> {
                    asked.incrementAndGet();
                    return new Answer.Refused(name, DenyReason.BAD_CREDENTIALS, "wrong", "wrong");
                });
    }

    private Answer right(String name, InetSocketAddress from) {
        return door.judge(Kind.KEY, name, Optional.of(name + ".right"), from, () -> KNOWN);
    }

    private static DenyReason reason(Answer answer) {
        return ((Answer.Refused) answer).reason();
    }

    @Test
    void whoFailsAgainAndAgainIsKeptOutWithoutAnybodyBeingAskedAndForLongerEachTime() {
        for (int i = 0; i < 5; i++) {
            assertThat(reason(wrong("key:a", LOOPBACK))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        }

        assertThat(reason(wrong("key:a", LOOPBACK))).isEqualTo(DenyReason.BANNED);
        assertThat(asked).hasValue(5);
        nanos.addAndGet(Duration.ofMillis(1_001).toNanos());
        assertThat(reason(wrong("key:a", LOOPBACK))).isEqualTo(DenyReason.BAD_CREDENTIALS);
        nanos.addAndGet(Duration.ofMillis(1_001).toNanos());
        assertThat(reason(wrong("key:a", LOOPBACK))).isEqualTo(DenyReason.BANNED);
    }

    @Test
    void anAddressFromWhichManyNamesFailIsBarredButForThoseWhoCameInFromThere() {
        right("key:home", AWAY);
        for (int i = 0; i < 30; i++) {
            wrong("key:" + i, AWAY);
        }

        assertThat(asked).hasValue(20);
        assertThat(reason(right("key:new", AWAY))).isEqualTo(DenyReason.BANNED);
        assertThat(right("key:home", AWAY)).isEqualTo(KNOWN);
        assertThat(right("key:new", new InetSocketAddress("192.0.2.8", 1))).isEqualTo(KNOWN);
    }

    @Test
    void aProxyOnThisMachineIsNotBarredForWhatComesThroughIt() {
        for (int i = 0; i < 100; i++) {
            wrong("key:" + i, LOOPBACK);
        }

        assertThat(right("key:new", LOOPBACK)).isEqualTo(KNOWN);
    }

    /** Four strangers with keys are looked at until they may leave. */
    private void occupy(Door by) {
        CountDownLatch inside = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            String name = "key:" + i;
            Thread stranger =
                    new Thread(
                            () ->
                                    by.judge(
                                            Kind.KEY,
                                            name,
                                            Optional.empty(),
                                            AWAY,
                                            () -> {
                                                inside.countDown();
                                                await(leave);
                                                return KNOWN;
                                            }));
            stranger.start();
            strangers.add(stranger);
        }
        await(inside);
    }

    @AfterEach
    void letThemLeave() throws InterruptedException {
        leave.countDown();
        for (Thread stranger : strangers) {
            stranger.join();
        }
    }

    @Test
    void soManyStrangersAreLookedAtAtOnceAndWhoWasRightOfLateIsNone() {
        Door hasty = new Door(nanos::get, Duration.ZERO);
        Answer home = hasty.judge(Kind.KEY, "key:home", Optional.of("home"), AWAY, () -> KNOWN);
        assertThat(home).isEqualTo(KNOWN);
        occupy(hasty);

        Answer late = hasty.judge(Kind.KEY, "key:new", Optional.of("new"), AWAY, () -> KNOWN);
        assertThat(reason(late)).isEqualTo(DenyReason.UNAVAILABLE);
        Answer.Refused outage =
                new Answer.Refused("key:home", DenyReason.UNAVAILABLE, "outage", "outage");
        var unused = hasty.judge(Kind.KEY, "key:home", Optional.of("home"), AWAY, () -> outage);
        assertThat(hasty.judge(Kind.KEY, "key:home", Optional.of("home"), AWAY, () -> KNOWN))
                .as("by an outage no stranger")
                .isEqualTo(KNOWN);
    }

    /** Whoever waits has a thread of the HTTP server. */
    @Test
    @Timeout(30)
    void twoMoreWaitAndNobodyElse() {
        occupy(door);
        List<CompletableFuture<Answer>> patient = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String name = "key:patient" + i;
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            Thread waiting = new Thread(() -> answer.complete(right(name, AWAY)));
            waiting.start();
            Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            patient.add(answer);
        }

        assertThat(reason(right("key:new", AWAY))).isEqualTo(DenyReason.UNAVAILABLE);

        leave.countDown();
        patient.forEach(each -> assertThat(each.join()).isEqualTo(KNOWN));
        assertThat(right("key:new", AWAY)).isEqualTo(KNOWN);
    }

    @Test
    void whatWasRightAndIsNoMoreIsAStrangerAgain() {
        right("key:a", AWAY);
        Answer.Refused gone =
                new Answer.Refused("key:a", DenyReason.BAD_CREDENTIALS, "gone", "gone");
        for (int i = 0; i < 6; i++) {
            door.judge(
                    Kind.KEY,
                    "key:a",
                    Optional.of("key:a.right"),
                    AWAY,
                    () -> {
                        asked.incrementAndGet();
                        return gone;
                    });
        }

        assertThat(reason(wrong("key:a", AWAY))).isEqualTo(DenyReason.BANNED);
        assertThat(asked).hasValue(6);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
