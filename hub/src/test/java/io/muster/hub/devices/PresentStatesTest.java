package io.muster.hub.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class PresentStatesTest {

    private static final PresentStates.Pace QUICK =
            new PresentStates.Pace(2, Duration.ofMillis(1), Duration.ofMillis(1));

    private final NavigableMap<DeviceId, DeviceState> registered =
            new ConcurrentSkipListMap<>(Comparator.comparing(DeviceId::toString));
    private final AtomicInteger reads = new AtomicInteger();
    private final List<String> published = new CopyOnWriteArrayList<>();
    private final DeviceStatePublisher publisher = new DeviceStatePublisher();

    PresentStatesTest() {
        publisher.publishTo(
                message -> {
                    published.add(text(message));
                    return CompletableFuture.completedFuture(null);
                });
    }

    private static String text(Message message) {
        return new String(message.payload().bytes(), StandardCharsets.UTF_8)
                .replaceAll(
                        ".*deviceKey\":\"(.*?)\",\"state\":\"(.*?)\",\"version\":(\\d+).*",
                        "$1 $2 v$3");
    }

    private Map<DeviceId, DeviceState> page(Optional<DeviceId> after, int limit) {
        reads.incrementAndGet();
        Map<DeviceId, DeviceState> page = new LinkedHashMap<>();
        after.map(id -> registered.tailMap(id, false)).orElse(registered).entrySet().stream()
                .limit(limit)
                .forEach(entry -> page.put(entry.getKey(), entry.getValue()));
        return page;
    }

    private void register(String deviceKey, DeviceStatus status, long version) {
        registered.put(
                new DeviceId("pump", deviceKey), new DeviceState(status, version, Instant.EPOCH));
    }

    private void change(String deviceKey, DeviceStatus status, long version) {
        publisher.changed(
                new Device(
                        new DeviceId("pump", deviceKey),
                        RotatingSecret.of(Secret.of("the-secret")),
                        new DeviceState(status, version, Instant.EPOCH),
                        Instant.EPOCH,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                DeviceStatus.INACTIVE);
    }

    private PresentStates publish(
            PresentStates.Registry registry, Executor whenCaughtUp, Predicate<Message> hasRoom) {
        return PresentStates.publish(registry, whenCaughtUp, publisher, hasRoom, QUICK);
    }

    @Test
    void publishesEveryDeviceOnceOnePageAfterTheOther() {
        register("a", DeviceStatus.INACTIVE, 1);
        register("b", DeviceStatus.OFFLINE, 2);
        register("c", DeviceStatus.DISABLED, 3);
        register("d", DeviceStatus.OFFLINE, 4);
        register("e", DeviceStatus.INACTIVE, 5);

        try (PresentStates states = publish(this::page, Runnable::run, message -> true)) {
            Awaitility.await().until(() -> reads.get() == 4);
            assertThat(states).isNotNull();
        }

        assertThat(published)
                .containsExactly(
                        "a INACTIVE v1",
                        "b OFFLINE v2",
                        "c DISABLED v3",
                        "d OFFLINE v4",
                        "e INACTIVE v5");
    }

    @Test
    void leavesOutADeviceThatChangedBeforeItsPageWasRead() {
        register("a", DeviceStatus.OFFLINE, 1);
        register("b", DeviceStatus.OFFLINE, 1);
        change("a", DeviceStatus.ONLINE, 7);

        try (PresentStates states = publish(this::page, Runnable::run, message -> true)) {
            Awaitility.await().until(() -> reads.get() == 2);
            assertThat(states).isNotNull();
        }

        assertThat(published).containsExactly("a ONLINE v7", "b OFFLINE v1");
    }

    @Test
    void leavesOutADeviceThatChangedBetweenTheReadingAndThePublishing() {
        register("a", DeviceStatus.OFFLINE, 1);
        register("b", DeviceStatus.OFFLINE, 1);
        Queue<Runnable> steps = new ArrayDeque<>();

        try (PresentStates states =
                publish(
                        this::page,
                        step -> {
                            synchronized (steps) {
                                steps.add(step);
                            }
                        },
                        message -> true)) {
            Awaitility.await().until(() -> waiting(steps) == 1);
            assertThat(published).isEmpty();
            change("b", DeviceStatus.ONLINE, 9);
            synchronized (steps) {
                steps.remove().run();
            }
            Awaitility.await().until(() -> reads.get() == 2);
            assertThat(states).isNotNull();
        }

        assertThat(published).containsExactly("b ONLINE v9", "a OFFLINE v1");
    }

    private static int waiting(Queue<Runnable> steps) {
        synchronized (steps) {
            return steps.size();
        }
    }

    @Test
    void triesAPageAgainThatCouldNotBeRead() {
        register("a", DeviceStatus.OFFLINE, 1);
        register("b", DeviceStatus.OFFLINE, 1);
        register("c", DeviceStatus.OFFLINE, 1);
        AtomicInteger failures = new AtomicInteger(3);
        PresentStates.Registry broken =
                (after, limit) -> {
                    if (after.isPresent() && failures.getAndDecrement() > 0) {
                        throw new RegistryUnavailableException("down");
                    }
                    return page(after, limit);
                };

        try (PresentStates states = publish(broken, Runnable::run, message -> true)) {
            Awaitility.await().until(() -> published.size() == 3);
            assertThat(states).isNotNull();
        }

        assertThat(published).containsExactly("a OFFLINE v1", "b OFFLINE v1", "c OFFLINE v1");
        assertThat(failures).hasValueLessThanOrEqualTo(0);
    }

    @Test
    void endsWhenThereIsNoRoomForAnotherRetainedMessage() {
        register("a", DeviceStatus.OFFLINE, 1);
        register("b", DeviceStatus.OFFLINE, 1);
        register("c", DeviceStatus.OFFLINE, 1);
        register("d", DeviceStatus.OFFLINE, 1);

        try (PresentStates states =
                publish(this::page, Runnable::run, message -> published.size() < 3)) {
            Awaitility.await().until(() -> published.size() == 3);
            assertThat(states).isNotNull();
        }

        assertThat(published).doesNotContain("d OFFLINE v1");
        assertThat(reads).hasValue(2);
    }

    @Test
    void stopsWhereverItIsWhenItIsClosed() {
        register("a", DeviceStatus.OFFLINE, 1);
        PresentStates neverCaughtUp = publish(this::page, step -> {}, message -> true);
        Awaitility.await().until(() -> reads.get() == 1);
        neverCaughtUp.close();

        PresentStates waiting =
                PresentStates.publish(
                        (after, limit) -> {
                            reads.incrementAndGet();
                            throw new RegistryUnavailableException("down");
                        },
                        Runnable::run,
                        publisher,
                        message -> true,
                        new PresentStates.Pace(2, Duration.ofDays(1), Duration.ofDays(1)));
        Awaitility.await().until(() -> reads.get() == 2);
        waiting.close();

        assertThat(published).isEmpty();
    }

    @Test
    void whoeverClosesThePublisherBeforeWaitsForNoApplication() {
        for (int i = 1_000; i < 2_010; i++) {
            register("d" + i, DeviceStatus.OFFLINE, 1);
        }
        publisher.publishTo(
                message -> {
                    published.add(text(message));
                    return new CompletableFuture<>();
                });
        PresentStates states = publish(this::page, CompletableFuture::runAsync, message -> true);
        Awaitility.await().until(() -> published.size() == 1_000);

        publisher.close();

        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), states::close);
        assertThat(published).hasSize(1_000);
    }
}
