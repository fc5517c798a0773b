package io.muster.devices.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.devices.RegistryUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The registry of these tests answers a read only when the test lets it. */
class LookupCacheTest {

    private final Cache<String, String> held = Caffeine.newBuilder().build();
    private final AtomicInteger reads = new AtomicInteger();
    private final Semaphore answers = new Semaphore(0);
    private volatile Optional<String> stored = Optional.of("value");
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final AtomicBoolean readable = new AtomicBoolean(true);
    private Duration timeout = Duration.ofSeconds(20);
    private int waitingMax = 1;

    private LookupCache<String, String> cache() {
        return cache(
                key -> Optional.ofNullable(held.getIfPresent(key)),
                LookupCache.oneByOne(this::read));
    }

    private LookupCache<String, String> cache(
            Function<String, Optional<String>> memory,
            Function<Set<String>, Map<String, String>> registry) {
        LookupCache<String, String> cache =
                new LookupCache<>(
                        held,
                        Caffeine.newBuilder().build(),
                        memory,
                        registry,
                        reading ->
                                new RegistryReader<>(
                                        "test-reader",
                                        1,
                                        waitingMax,
                                        100,
                                        new Deadlines(timer, timeout),
                                        reading),
                        readable::get);
        opened.add(cache);
        return cache;
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
    void stop() throws Exception {
        answers.release(100);
        for (AutoCloseable cache : opened) {
            cache.close();
        }
        timer.shutdownNow();
    }

    @Test
    void answersFromMemoryOnlyWhileTheRegistryCannotBeRead() {
        LookupCache<String, String> cache = cache();
        held.put("known", "value");
        readable.set(false);

        assertThat(cache.find("known")).isCompletedWithValue(Optional.of("value"));
        assertThat(cache.find("key")).isCompletedExceptionally();
        assertThat(reads).hasValue(0);

        readable.set(true);
        answers.release();
        assertThat(cache.find("key").join()).isPresent();
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
        timeout = Duration.ofMillis(50);
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
    void readsNothingThatMemoryHasEvenIfMemoryAnswersTooLate() {
        timeout = Duration.ofMillis(50);
        CountDownLatch tooLate = new CountDownLatch(1);
        LookupCache<String, String> cache =
                cache(
                        key -> {
                            awaitThe(tooLate);
                            return Optional.of("newer");
                        },
                        LookupCache.oneByOne(this::read));

        CompletableFuture<Optional<String>> late = cache.find("a");
        assertThatThrownBy(late::join).hasMessageContaining("within 50 ms");
        tooLate.countDown();

        await().untilAsserted(() -> assertThat(cache.find("a").join()).contains("newer"));
        assertThat(reads).hasValue(0);
        assertThat(held.getIfPresent("a")).isNull();
    }

    private static void awaitThe(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
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
                cache(
                        key -> Optional.empty(),
                        LookupCache.oneByOne(
                                key -> {
                                    if (reads.incrementAndGet() == 1) {
                                        throw new RegistryUnavailableException("first time");
                                    }
                                    return stored;
                                }));

        assertThatThrownBy(() -> cache.find("a").join())
                .hasCauseInstanceOf(RegistryUnavailableException.class);
        await().untilAsserted(() -> assertThat(cache.find("a").join()).contains("value"));
    }

    /** Until this has its answer, all else waits. */
    private CompletableFuture<Optional<String>> keepBusy(LookupCache<String, String> cache) {
        CompletableFuture<Optional<String>> first = cache.find("first");
        await().until(() -> reads.get() == 1);
        return first;
    }

    @Test
    void readsTogetherWhatWaitsWhileTheRegistryIsBusy() {
        waitingMax = 500;
        List<Set<String>> asked = new CopyOnWriteArrayList<>();
        LookupCache<String, String> cache =
                cache(
                        key -> Optional.empty(),
                        keys -> {
                            asked.add(keys);
                            read("any");
                            return keys.stream()
                                    .filter(key -> !key.equals("stranger"))
                                    .collect(
                                            Collectors.toMap(key -> key, key -> "value of " + key));
                        });
        CompletableFuture<Optional<String>> first = keepBusy(cache);
        Map<String, CompletableFuture<Optional<String>>> others =
                IntStream.range(0, 150)
                        .mapToObj(i -> "key" + i)
                        .collect(Collectors.toMap(key -> key, cache::find));
        CompletableFuture<Optional<String>> stranger = cache.find("stranger");
        answers.release(3);

        assertThat(first.join()).contains("value of first");
        others.forEach((key, found) -> assertThat(found.join()).contains("value of " + key));
        assertThat(stranger.join()).isEmpty();
        assertThat(asked).extracting(Set::size).containsExactly(1, 100, 51);
        assertThat(cache.find("key149")).isCompletedWithValue(Optional.of("value of key149"));
        assertThat(cache.find("stranger")).isCompletedWithValue(Optional.empty());
    }

    private static List<RuntimeException> whatConcernsOneOnly() {
        return List.of(
                new IllegalStateException("cannot be decrypted"),
                new RegistryUnavailableException("damaged", new SQLException(), true));
    }

    @ParameterizedTest
    @MethodSource("whatConcernsOneOnly")
    void answersTheOthersWhenOneOfThemCannotBeRead(RuntimeException failure) {
        waitingMax = 10;
        LookupCache<String, String> cache =
                cache(
                        key -> Optional.empty(),
                        keys -> {
                            read("any");
                            if (keys.contains("damaged")) {
                                throw failure;
                            }
                            return keys.stream().collect(Collectors.toMap(key -> key, key -> key));
                        });
        CompletableFuture<Optional<String>> first = keepBusy(cache);
        CompletableFuture<Optional<String>> before = cache.find("before");
        CompletableFuture<Optional<String>> damaged = cache.find("damaged");
        CompletableFuture<Optional<String>> after = cache.find("after");
        answers.release(10);

        assertThat(first.join()).contains("first");
        assertThat(before.join()).contains("before");
        assertThat(after.join()).contains("after");
        assertThatThrownBy(damaged::join).hasCause(failure);
    }

    @Test
    void asksTheRegistryOnceOnlyForAllWhenItCannotBeReached() {
        waitingMax = 10;
        LookupCache<String, String> cache =
                cache(
                        key -> Optional.empty(),
                        keys -> {
                            read("any");
                            throw new RegistryUnavailableException("away");
                        });
        CompletableFuture<Optional<String>> first = keepBusy(cache);
        List<CompletableFuture<Optional<String>>> others =
                IntStream.range(0, 10).mapToObj(i -> cache.find("key" + i)).toList();
        answers.release(100);

        assertThatThrownBy(first::join).hasMessageContaining("away");
        others.forEach(other -> assertThatThrownBy(other::join).hasMessageContaining("away"));
        assertThat(reads).hasValue(2);
    }
}
