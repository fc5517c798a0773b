package io.muster.hub.products;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfRegistrationTest {

    private final AtomicLong nanos = new AtomicLong();
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private SelfRegistration registration;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(10)),
                        SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, Clock.systemUTC());
        registry.products().create(Optional.of("pump"), settings -> settings);
        registration = new SelfRegistration(registry, nanos::get);
    }

    @AfterEach
    void close() {
        registration.close();
        database.close();
    }

    private static <T> T joined(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void manyAtOnceUnderOneNameAreOneDevice() {
        for (int round = 0; round < 10; round++) {
            DeviceId id = new DeviceId("pump", "d" + round);
            List<CompletableFuture<Device>> racing = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                racing.add(
                        CompletableFuture.supplyAsync(() -> registration.register(id))
                                .thenCompose(stage -> stage));
            }
            Set<Device> devices = new HashSet<>();
            racing.forEach(each -> devices.add(joined(each)));

            assertThat(devices).hasSize(1);
            assertThat(registry.findDevice(id)).contains(devices.iterator().next());
        }
    }

    @Test
    void whatIsRegisteredIsDurableWhenItIsAnswered() {
        DeviceId id = new DeviceId("pump", "d1");

        Device device = joined(registration.register(id));

        assertThat(device.awaitsActivation()).isTrue();
        assertThat(registry.findDevice(id)).contains(device);
    }

    @Test
    void soManyASecondAndNoMore() {
        for (int i = 0; i < SelfRegistration.A_SECOND_MAX; i++) {
            joined(registration.register(new DeviceId("pump", "d" + i)));
        }
        DeviceId late = new DeviceId("pump", "late");

        assertThatThrownBy(() -> joined(registration.register(late)))
                .hasCauseInstanceOf(RegistryUnavailableException.class);
        assertThat(registry.findDevice(late)).isEmpty();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(joined(registration.register(late)).id()).isEqualTo(late);
    }

    @Test
    void withoutItsProductNobodyIsRegistered() {
        assertThatThrownBy(() -> joined(registration.register(new DeviceId("valve", "d1"))))
                .hasCauseInstanceOf(NotFoundException.class);
    }

    @Test
    void aRegistryThatCannotBeAskedIsNoRefusal() {
        database.close();

        assertThatThrownBy(() -> joined(registration.register(new DeviceId("pump", "d1"))))
                .hasCauseInstanceOf(RegistryUnavailableException.class);
    }
}
