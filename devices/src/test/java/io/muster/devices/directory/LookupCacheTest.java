package io.muster.devices.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry of these tests answers a read only when the test lets it. */
class LookupCacheTest {

    private final Cache<String, String> held = Caffeine.newBuilder().build();
    private final AtomicInteger reads = new AtomicInteger();
    private final Semaphore answers = new Semaphore(0);
    private volatile Optional<String> stored = Optional.of("value");
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private RegistryReader reader = reader(Duration.ofSeconds(20));

    private RegistryReader reader(Duration timeout) {
        return new RegistryReader(1, 1, new Deadlines(timer, timeout));
    }

    private LookupCache<String, String> cache() {
        return new LookupCache<>(
                held,
                Caffeine.newBuilder().build(),
                key -> Optional.ofNullable(held.getIfPresent(key)),
                this::read,
                reader);
    }

    private Optional<String> read(String key) {
        Optional<String> seen = stored;
        reads.incrementAndGet();
        assertThat(key).isNotEmpty();
        try {
            assertThat(answers.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return seen;
    }

    @AfterEach
    void stop() {
        answers.release(100);
        reader.close();
        timer.shutdownNow();
    }

    @Test
    void readsOnceForAllWhoAskAtTheSameTime() {
        LookupCache<String, String> cache = cache();
        CompletableFuture<Optional<String>> first = cache.find("a");
        CompletableFuture<Optional<String>> second = cache.find("a");
        answers.release();

        assertThat(first.join()).contains("value");
        assertThat(second.join()).contains("value");
        assertThat(cache.find("a")).isCompletedWithValue(Optional.of("value"));
        assertThat(reads).hasValue(1);
    }

    @Test
    void isNotSpoiledByACallerThatGivesUp() {
        LookupCache<String, String> cache = cache();
        CompletableFuture<Optional<String>> impatient = cache.find("a");
        CompletableFuture<Optional<String>> patient = cache.find("a");

        impatient.completeExceptionally(new IllegalStateException("gives up"));
        answers.release();

        assertThat(patient.join()).contains("value");
    }

    @Test
    void forgetsThatAKeyIsUnknownWhenItIsCreatedWhileItIsRead() {
        LookupCache<String, String> cache = cache();
        stored = Optional.empty();
        CompletableFuture<Optional<String>> before = cache.find("a");
        await().until(() -> reads.get() == 1);

        stored = Optional.of("created");
        cache.created("a");
        CompletableFuture<Optional<String>> after = cache.find("a");
        answers.release(2);

        assertThat(before.join()).isEmpty();
        assertThat(after.join()).contains("created");
        assertThat(cache.find("a")).isCompletedWithValue(Optional.of("created"));
    }

    @Test
    void forgetsAValueThatIsChangedWhileItIsHeldOrRead() {
        LookupCache<String, String> cache = cache();
        CompletableFuture<Optional<String>> before = cache.find("a");
        await().until(() -> reads.get() == 1);

        stored = Optional.of("changed");
        cache.changed("a");
        CompletableFuture<Optional<String>> after = cache.find("a");
        answers.release(3);

        assertThat(before.join()).isPresent();
        assertThat(after.join()).contains("changed");
        assertThat(cache.find("a")).isCompletedWithValue(Optional.of("changed"));
        stored = Optional.of("changed again");
        cache.changed("a");
        assertThat(cache.find("a").join()).contains("changed again");
    }

    @Test
    void failsInTimeWhenTheRegistryDoesNotAnswerAndTriesAgainLater() {
        reader.close();
        reader = reader(Duration.ofMillis(50));
        LookupCache<String, String> cache = cache();

        CompletableFuture<Optional<String>> late = cache.find("a");

        assertThatThrownBy(late::join)
                .hasCauseInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("within 50 ms");
        answers.release();
        await().until(() -> held.getIfPresent("a") != null);
        assertThat(cache.find("a")).isCompletedWithValue(Optional.of("value"));
    }

    @Test
    void failsAtOnceWhenTooManyWait() {
        LookupCache<String, String> cache = cache();
        CompletableFuture<Optional<String>> reading = cache.find("a");
        await().until(() -> reads.get() == 1);
        CompletableFuture<Optional<String>> waiting = cache.find("b");

        assertThat(cache.find("c"))
                .isCompletedExceptionally()
                .failsWithin(Duration.ofSeconds(1))
                .withThrowableThat()
                .withRootCauseInstanceOf(RejectedExecutionException.class)
                .withMessageContaining("registry is busy");

        answers.release(3);
        assertThat(reading.join()).isPresent();
        assertThat(waiting.join()).isPresent();
        assertThat(cache.find("c").join()).isPresent();
    }

    @Test
    void doesNotRememberAFailure() {
        LookupCache<String, String> cache =
                new LookupCache<>(
                        held,
                        Caffeine.newBuilder().build(),
                        key -> Optional.empty(),
                        key -> {
                            if (reads.incrementAndGet() == 1) {
                                throw new RegistryUnavailableException("first time");
                            }
                            return stored;
                        },
                        reader);

        assertThatThrownBy(() -> cache.find("a").join())
                .hasCauseInstanceOf(RegistryUnavailableException.class);
        await().untilAsserted(() -> assertThat(cache.find("a").join()).contains("value"));
    }
}
