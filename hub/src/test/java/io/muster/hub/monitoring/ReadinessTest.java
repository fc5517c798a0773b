package io.muster.hub.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicBoolean broken = new AtomicBoolean();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean writable = new AtomicBoolean(true);
    private final AtomicBoolean damaged = new AtomicBoolean();
    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch stuck = new CountDownLatch(1);

    private Readiness readiness =
            new Readiness(
                    this::askRegistry,
                    Duration.ofSeconds(5),
                    draining::get,
                    writable::get,
                    damaged::get,
                    nanos::get);

    @AfterEach
    void close() {
        readiness.close();
    }

    private void askRegistry() {
        asked.incrementAndGet();
        if (broken.get()) {
            throw new RegistryUnavailableException("broken", new IllegalStateException());
        }
    }

    @Test
    void isNotReadyBeforeTheListenersAccept() {
        assertThat(readiness.problems()).containsOnlyKeys("listeners");
        assertThat(readiness.problems()).containsEntry("listeners", "starting");
    }

    @Test
    void isReadyOnceTheListenersAcceptAndTheRegistryAnswers() {
        readiness.listenersAccept();

        assertThat(readiness.problems()).isEmpty();
    }

    @Test
    void isNotReadyWhileTheRegistryAnswersButCannotBeWritten() {
        readiness.listenersAccept();
        writable.set(false);

        assertThat(readiness.problems()).containsOnlyKeys("registry");
        assertThat(readiness.problems()).containsEntry("registry", "cannot be written");

        writable.set(true);
        assertThat(readiness.problems()).isEmpty();
    }

    @Test
    void warnsOfDamageInTheRegistryAndIsReadyAllTheSame() {
        readiness.listenersAccept();
        assertThat(readiness.warnings()).isEmpty();

        damaged.set(true);

        assertThat(readiness.warnings()).containsExactly(entry("registry", "damaged"));
        assertThat(readiness.problems()).isEmpty();
    }

    @Test
    void isNotReadyWhileItStops() {
        readiness.listenersAccept();
        readiness.stopping();

        assertThat(readiness.problems()).containsEntry("listeners", "stopping");
    }

    @Test
    void isNotReadyWhileItDrains() {
        readiness.listenersAccept();
        draining.set(true);
        assertThat(readiness.problems()).containsExactly(entry("listeners", "draining"));

        draining.set(false);
        assertThat(readiness.problems()).isEmpty();
    }

    @Test
    void thatItStopsSaysMoreThanThatItDrains() {
        draining.set(true);
        readiness.stopping();

        assertThat(readiness.problems()).containsEntry("listeners", "stopping");
    }

    @Test
    void tellsThatTheRegistryCannotBeAsked() {
        readiness.listenersAccept();
        broken.set(true);

        assertThat(readiness.problems()).containsExactly(entry("registry", "cannot be asked"));
    }

    @Test
    void becomesReadyAgainWithTheRegistry() {
        readiness.listenersAccept();
        broken.set(true);
        readiness.problems();
        broken.set(false);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());

        assertThat(readiness.problems()).isEmpty();
    }

    @Test
    void asksTheRegistryOnceASecondAtMost() {
        readiness.listenersAccept();
        readiness.problems();
        nanos.addAndGet(Duration.ofMillis(999).toNanos());
        readiness.problems();
        assertThat(asked).hasValue(1);

        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        readiness.problems();
        assertThat(asked).hasValue(2);
    }

    @Test
    void doesNotWaitForARegistryThatHangs() {
        readiness.close();
        readiness =
                new Readiness(
                        this::hang,
                        Duration.ofMillis(20),
                        draining::get,
                        writable::get,
                        damaged::get,
                        nanos::get);
        readiness.listenersAccept();

        assertThat(readiness.problems())
                .containsExactly(entry("registry", "no answer within 20 ms"));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(readiness.problems()).containsKey("registry");
        // The question that hangs is still open, so no second one was asked.
        assertThat(asked).hasValue(1);
        stuck.countDown();
    }

    private void hang() {
        asked.incrementAndGet();
        try {
            stuck.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map.Entry<String, String> entry(String key, String value) {
        return Map.entry(key, value);
    }
}
