package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Broker;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.spi.ClientObserver;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DirectorySettings;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.devices.DeviceStatePublisher;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All devices come online at once, and all go offline at once: what an application reads over a
 * socket, the counts and the rows of the registry agree, device by device. Many more states come
 * than may wait for the application.
 *
 * <p>{@code -Dmany.devices=100000} makes a long run of it.
 */
class ManyStatesTest {

    private static final int DEVICES = Integer.getInteger("many.devices", 2_000);
    private static final int THREADS = 4;

    /** With the defaults, 100,000 devices are ten times as many as the messages that may wait. */
    private static final int QUEUE = Math.max(1, DEVICES / 10);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<DeviceId> ids = new ArrayList<>();
    private final RegistryDatabase database;
    private final DeviceRegistry registry;
    private final DeviceStatePublisher publisher = new DeviceStatePublisher();
    private final DeviceDirectory directory;
    private final Broker broker;

    ManyStatesTest(@TempDir Path folder) throws Exception {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(30)),
                        SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, Clock.systemUTC());
        directory =
                DeviceDirectory.open(
                        registry,
                        new ApplicationRegistry(database, Clock.systemUTC()),
                        new DirectorySettings(
                                DEVICES,
                                Duration.ofHours(1),
                                Duration.ZERO,
                                Duration.ofMillis(500),
                                Duration.ofHours(1)),
                        Clock.systemUTC(),
                        Ticker.systemTicker());
        directory.addPublisher(publisher);
        broker =
                Broker.start(
                        config(),
                        credentials -> CompletableFuture.completedFuture(everything()),
                        ClientObserver.NONE,
                        new SimpleMeterRegistry());
        publisher.publishTo(broker::publish);
    }

    private static BrokerConfig config() {
        BrokerConfig usual = BrokerConfig.of(List.of(new ListenerConfig("mqtt", "127.0.0.1", 0)));
        BrokerConfig.Sessions sessions = usual.sessions();
        return new BrokerConfig(
                usual.listeners(),
                usual.loops(),
                usual.limits(),
                usual.protocol(),
                new BrokerConfig.Sessions(
                        sessions.expiryMax(),
                        sessions.sessionsMax(),
                        QUEUE,
                        sessions.queueBytesMax(),
                        Math.max(1, QUEUE / 10),
                        sessions.subscriptionsMax(),
                        QueuePolicy.DROP_NEWEST,
                        sessions.shareStrategy()),
                usual.retained(),
                usual.rates(),
                usual.times());
    }

    private static AuthResult everything() {
        TopicPermissions all =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return true;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return true;
                    }
                };
        return AuthResult.accept(new Identity("application:reader", "state-reader", all, Map.of()));
    }

    @BeforeEach
    void register() {
        registry.products().create(Optional.of("many"), made -> made);
        List<NewDevice> devices = new ArrayList<>(DEVICES);
        for (int i = 0; i < DEVICES; i++) {
            devices.add(NewDevice.of("m" + i, Secret.of("secret-of-device-" + i)));
            ids.add(new DeviceId("many", "m" + i));
        }
        assertThat(registry.importDevices("many", devices)).isEmpty();
    }

    @AfterEach
    void close() {
        publisher.close();
        broker.close();
        directory.close();
        database.close();
    }

    private StateReader reader() throws Exception {
        int port = Objects.requireNonNull(broker.addresses().get("mqtt")).getPort();
        return StateReader.connect(port, "reader", "any");
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void whatAnApplicationReadsIsExactAndSoAreCountsAndRows() throws Exception {
        try (StateReader reader = reader()) {
            for (int round = 1; round <= 2; round++) {
                switchAll(reader, this::signIn, DeviceStatus.ONLINE);
                switchAll(reader, directory::connectionLost, DeviceStatus.OFFLINE);
            }
            assertThat(reader.messages()).isEqualTo(4L * DEVICES);
            assertThat(reader.disorder()).isEmpty();
            assertThat(reader.repetitions()).isEmpty();
        }
        try (StateReader latecomer = reader()) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(latecomer.last()).isEqualTo(rows()));
        }
    }

    private void switchAll(
            StateReader reader,
            Function<DeviceId, CompletionStage<Device>> change,
            DeviceStatus status)
            throws Exception {
        long begin = System.nanoTime();
        changeAll(change);
        long changed = System.nanoTime();
        assertThat(directory.counts())
                .containsEntry(status, (long) DEVICES)
                .containsEntry(other(status), 0L);
        await().atMost(PATIENCE)
                .until(() -> registry.countDevices().getOrDefault(status, 0L) == DEVICES);
        long written = System.nanoTime();
        CompletableFuture<Void> told = new CompletableFuture<>();
        directory.whenPublisherCaughtUp(() -> told.complete(null));
        told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Map<String, StateReader.Read> rows = rows();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(reader.last()).isEqualTo(rows));
        System.out.printf(
                "%d devices %s: in memory after %d ms, written after %d ms, read after %d ms%n",
                DEVICES,
                status,
                (changed - begin) / 1_000_000,
                (written - begin) / 1_000_000,
                (System.nanoTime() - begin) / 1_000_000);
    }

    private CompletionStage<Device> signIn(DeviceId id) {
        return directory
                .withDevice(id, () -> directory.signedIn(id, Optional.empty(), Optional.empty()))
                .thenApply(DeviceDirectory.SignedIn::device);
    }

    private void changeAll(Function<DeviceId, CompletionStage<Device>> change) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> changing = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int first = thread;
            changing.add(
                    threads.submit(
                            () -> {
                                // No more at a time than a registry that has to load them lets
                                // wait.
                                for (int i = first; i < DEVICES; i += THREADS) {
                                    change.apply(ids.get(i)).toCompletableFuture().join();
                                }
                            }));
        }
        for (Future<?> each : changing) {
            each.get();
        }
        threads.shutdown();
    }

    private static DeviceStatus other(DeviceStatus status) {
        return status == DeviceStatus.ONLINE ? DeviceStatus.OFFLINE : DeviceStatus.ONLINE;
    }

    /** What the registry holds of each device, as an application reads it. */
    private Map<String, StateReader.Read> rows() {
        Map<String, StateReader.Read> rows = new HashMap<>();
        Optional<DeviceId> after = Optional.empty();
        while (rows.size() < DEVICES) {
            Map<DeviceId, DeviceState> page = registry.listStates(after, 1_000);
            assertThat(page).isNotEmpty();
            for (Map.Entry<DeviceId, DeviceState> row : page.entrySet()) {
                DeviceState state = row.getValue();
                rows.put(
                        row.getKey().toString(),
                        new StateReader.Read(state.status().toString(), state.version()));
                after = Optional.of(row.getKey());
            }
        }
        return rows;
    }
}
