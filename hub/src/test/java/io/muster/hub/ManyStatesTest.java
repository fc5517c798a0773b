package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.broker.message.Message;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All of 100,000 devices come online at once, and all go offline at once. */
class ManyStatesTest {

    private static final int DEVICES = 100_000;
    private static final int THREADS = 4;

    private final Map<String, String> retained = new ConcurrentHashMap<>();
    private final List<DeviceId> ids = new ArrayList<>();

    private CompletionStage<Void> retain(Message message) {
        retained.put(
                message.topic(), new String(message.payload().bytes(), StandardCharsets.UTF_8));
        return CompletableFuture.completedFuture(null);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void countsTopicsAndRowsAgree(@TempDir Path folder) throws Exception {
        RegistrySettings settings =
                new RegistrySettings(
                        "jdbc:sqlite:" + folder.resolve("registry.db"),
                        "",
                        "",
                        2,
                        Duration.ofSeconds(30));
        try (RegistryDatabase database =
                        RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key")));
                DeviceStatePublisher publisher = new DeviceStatePublisher()) {
            DeviceRegistry registry = new DeviceRegistry(database, Clock.systemUTC());
            register(registry);
            try (DeviceDirectory directory =
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
                            Ticker.systemTicker())) {
                directory.addListener(publisher);
                publisher.publishTo(this::retain);
                for (int round = 1; round <= 2; round++) {
                    switchAll(
                            directory, id -> signIn(directory, id), DeviceStatus.ONLINE, registry);
                    switchAll(directory, directory::connectionLost, DeviceStatus.OFFLINE, registry);
                }
            }
        }
    }

    private static CompletionStage<Device> signIn(DeviceDirectory directory, DeviceId id) {
        return directory
                .withDevice(id, () -> directory.signedIn(id, Optional.empty(), Optional.empty()))
                .thenApply(DeviceDirectory.SignedIn::device);
    }

    private void register(DeviceRegistry registry) {
        registry.products().create(Optional.of("many"), made -> made);
        List<NewDevice> devices = new ArrayList<>(DEVICES);
        for (int i = 0; i < DEVICES; i++) {
            devices.add(NewDevice.of("m" + i, Secret.of("secret-of-device-" + i)));
            ids.add(new DeviceId("many", "m" + i));
        }
        assertThat(registry.importDevices("many", devices)).isEmpty();
    }

    private void switchAll(
            DeviceDirectory directory,
            Function<DeviceId, CompletionStage<Device>> change,
            DeviceStatus status,
            DeviceRegistry registry)
            throws Exception {
        long begin = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        for (int thread = 0; thread < THREADS; thread++) {
            int first = thread;
            var unused =
                    threads.submit(
                            () -> {
                                // No more at a time than a registry that has to load them lets
                                // wait.
                                for (int i = first; i < DEVICES; i += THREADS) {
                                    change.apply(ids.get(i)).toCompletableFuture().join();
                                }
                            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
        long changed = System.nanoTime();
        assertThat(directory.counts())
                .containsEntry(status, (long) DEVICES)
                .containsEntry(other(status), 0L);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> registry.countDevices().getOrDefault(status, 0L) == DEVICES);
        long written = System.nanoTime();
        CompletableFuture<Void> told = new CompletableFuture<>();
        directory.whenListenersCaughtUp(() -> told.complete(null));
        told.get(1, TimeUnit.MINUTES);
        System.out.printf(
                "%d devices %s: in memory after %d ms, written after %d ms%n",
                DEVICES, status, (changed - begin) / 1_000_000, (written - begin) / 1_000_000);
        compare(registry);
    }

    private static DeviceStatus other(DeviceStatus status) {
        return status == DeviceStatus.ONLINE ? DeviceStatus.OFFLINE : DeviceStatus.ONLINE;
    }

    private void compare(DeviceRegistry registry) {
        Optional<DeviceId> after = Optional.empty();
        int compared = 0;
        while (compared < DEVICES) {
            Map<DeviceId, DeviceState> page = registry.listStates(after, 1_000);
            assertThat(page).isNotEmpty();
            for (Map.Entry<DeviceId, DeviceState> row : page.entrySet()) {
                assertThat(retained.get("$muster/devices/" + row.getKey() + "/state"))
                        .contains("\"state\":\"" + row.getValue().status() + "\"")
                        .contains("\"version\":" + row.getValue().version() + ",");
                after = Optional.of(row.getKey());
            }
            compared += page.size();
        }
        assertThat(retained).hasSize(DEVICES);
    }
}
