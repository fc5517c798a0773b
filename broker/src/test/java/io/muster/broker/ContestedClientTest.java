package io.muster.broker;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.spi.AuthResult;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take one client identifier from each other: three times, and then no more. */
class ContestedClientTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final BrokerFixture broker = broker(LONG);

    private static BrokerFixture broker(Duration hold) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.rates = new RateLimits(0, 0, 0, 0, 0, 0, new TakeOverLimits(3, LONG, hold, hold));
        return settings.start();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private static RawClient contest(BrokerFixture broker, int level) {
        RawClient present = broker.client(level, "c");
        for (int i = 0; i < 4; i++) {
            RawClient next = broker.client(level, "c");
            present.expectEnded(0x8E);
            present = next;
        }
        return present;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void thePresentOneStaysAndTheOthersAreRefused(int level) {
        RawClient present = contest(broker, level);

        RawClient refused = broker.raw().speaking(level);
        refused.send(connect(level, "c").bytes());
        refused.expectRefused(level < 5 ? 3 : 0x9F);

        present.expectNothing();
        assertThat(broker.broker().clients().isContested("c")).isTrue();
        assertThat(broker.broker().clients().isContested("d")).isFalse();
    }

    @Test
    void aSessionThatIsKeptIsHeldAsOneThatIsNot() {
        RawClient present = broker.raw().connect(connect(4, "c").resume());
        for (int i = 0; i < 4; i++) {
            RawClient next = broker.raw().connect(connect(4, "c").resume(), true);
            present.expectClosed();
            present = next;
        }

        RawClient refused = broker.raw();
        refused.send(connect(4, "c").resume().bytes());
        refused.expectRefused(3);

        present.expectNothing();
    }

    @Test
    void whoComesWhenNobodyIsThereIsLetIn() {
        RawClient present = contest(broker, 4);
        present.close();
        await().until(() -> broker.metric("muster.clients") == 0);

        broker.client(4, "c").expectNothing();
    }

    @Test
    void whoWaitsForTheEndOfTheHoldIsLetIn() {
        try (BrokerFixture brief = broker(Duration.ofMillis(50))) {
            contest(brief, 4);
            await().untilAsserted(() -> brief.client(4, "c").expectNothing());
        }
    }

    /** Its connections end before it comes back, so it takes nothing from anybody. */
    @Test
    void aClientThatComesBackOftenIsNotRefused() {
        for (int i = 0; i < 50; i++) {
            broker.client(4, "c").close();
            await().until(() -> broker.metric("muster.clients") == 0);
        }
        assertThat(broker.broker().clients().isContested("c")).isFalse();
        assertThat(broker.metric("muster.take.overs")).isZero();
    }

    @Test
    void somebodyElseDoesNotMakeItContested() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.rates = new RateLimits(0, 0, 0, 0, 0, 0, new TakeOverLimits(3, LONG, LONG, LONG));
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(
                                        BrokerFixture.principal(
                                                credentials.username().orElse("nobody"))));
        try (BrokerFixture strict = settings.start()) {
            RawClient present = strict.raw().connect(connect(4, "c").credentials("owner", "x"));
            for (int i = 0; i < 10; i++) {
                RawClient foreign = strict.raw();
                foreign.send(connect(4, "c").credentials("other", "x").bytes());
                foreign.expectRefused(2);
            }
            present.expectNothing();
            assertThat(strict.broker().clients().isContested("c")).isFalse();
        }
    }

    @Test
    void isMeasured() {
        contest(broker, 4);
        RawClient refused = broker.raw();
        refused.send(connect(4, "c").bytes());
        refused.expectRefused(3);

        assertThat(broker.metric("muster.take.overs")).isEqualTo(4);
        assertThat(broker.metric("muster.contested.clients")).isEqualTo(1);
        assertThat(broker.metric("muster.limited", "limit", "take_overs")).isEqualTo(1);
        assertThat(broker.metric("muster.connects.refused", "reason", "connection_rate_exceeded"))
                .isEqualTo(1);
    }
}
