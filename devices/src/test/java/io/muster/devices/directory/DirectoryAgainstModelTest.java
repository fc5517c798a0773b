package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Devices sign in, are lost, fall silent, are disabled and enabled in random orders, against a
 * model of two flags; the registry cannot be written now and then. In the end memory, registry,
 * listeners and counts agree with the model.
 */
class DirectoryAgainstModelTest {

    private static final int DEVICES = 8;
    private static final int STEPS = 150;
    private static final Duration IDLE = Duration.ofSeconds(90);

    private final Path folder;

    DirectoryAgainstModelTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** What the device protocol says of one device, with its connection. */
    private static final class Model {
        private boolean enabled = true;
        private boolean activated;
        private boolean connected;
        private boolean idle;

        void signIn() {
            connected |= enabled;
            activated |= enabled;
            idle = false;
        }

        void lost() {
            connected = false;
        }

        void disable() {
            enabled = false;
            connected = false;
        }

        DeviceStatus shown() {
            if (!enabled) {
                return DeviceStatus.DISABLED;
            }
            if (connected && !idle) {
                return DeviceStatus.ONLINE;
            }
            return activated ? DeviceStatus.OFFLINE : DeviceStatus.INACTIVE;
        }
    }

    private final List<Model> models = new ArrayList<>();
    private final List<DeviceId> ids = new ArrayList<>();
    private DeviceId sweeper = new DeviceId("pk1", "sweeper");

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void agreesWithTheModelWhateverTheOrder(long seed) throws Exception {
        DirectorySettings quick =
                new DirectorySettings(
                        1_000,
                        DirectoryFixture.NEVER,
                        IDLE,
                        Duration.ofMillis(10),
                        Duration.ofHours(1));
        try (DirectoryFixture fixture = new DirectoryFixture(folder, quick)) {
            Map<DeviceId, Device> told = new ConcurrentHashMap<>();
            List<String> disorder = new CopyOnWriteArrayList<>();
            fixture.directory.addListener(
                    (device, before) -> {
                        Device earlier = told.put(device.id(), device);
                        if (earlier != null
                                && (earlier.status() != before
                                        || earlier.state().version() >= device.state().version())) {
                            disorder.add(earlier + " and then " + device);
                        }
                    });
            sweeper = fixture.device("sweeper");
            for (int i = 0; i < DEVICES; i++) {
                ids.add(fixture.device("dev" + i));
                models.add(new Model());
            }
            Random random = new Random(seed);
            for (int step = 0; step < STEPS; step++) {
                act(fixture, random);
            }
            for (int i = 0; i < DEVICES; i++) {
                DeviceId id = ids.get(i);
                DeviceStatus shown = models.get(i).shown();
                await().untilAsserted(
                                () -> {
                                    assertThat(fixture.now(id).status()).isEqualTo(shown);
                                    assertThat(fixture.stored(id)).isEqualTo(fixture.now(id));
                                });
                await().until(() -> !told.containsKey(id) || told.get(id).status() == shown);
            }
            assertThat(disorder).isEmpty();
            assertThat(fixture.directory.counts()).isEqualTo(fixture.registry.countDevices());
        }
    }

    private void act(DirectoryFixture fixture, Random random) throws SQLException {
        int which = random.nextInt(DEVICES);
        DeviceId id = ids.get(which);
        Model model = models.get(which);
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                Device device = joined(fixture.signIn(id));
                model.signIn();
                assertThat(device.status()).isEqualTo(model.shown());
            }
            case 3, 4 -> {
                Device device = joined(fixture.directory.connectionLost(id));
                model.lost();
                assertThat(device.status()).isEqualTo(model.shown());
            }
            case 5 -> silence(fixture);
            case 6 -> {
                fixture.directory.sentData(id);
                model.idle = false;
            }
            case 7, 8 -> {
                assertThat(joined(fixture.directory.disable(id).durable()).status())
                        .isEqualTo(DeviceStatus.DISABLED);
                model.disable();
            }
            case 9, 10 -> {
                Device device = joined(fixture.directory.enable(id));
                model.enabled = true;
                assertThat(device.status()).isEqualTo(model.shown());
            }
            default -> changeWhileNothingCanBeWritten(fixture, id, model, random);
        }
    }

    /** All are silent for longer than they may. */
    private void silence(DirectoryFixture fixture) {
        models.forEach(model -> model.idle |= model.connected);
        fixture.pass(IDLE.plusSeconds(1));
        for (int i = 0; i < DEVICES; i++) {
            DeviceId id = ids.get(i);
            DeviceStatus shown = models.get(i).shown();
            await().until(() -> lookedAt(fixture, id).status() == shown);
        }
    }

    /**
     * Whoever signs in has the watch look, mostly at once: a watch that is about to end its last
     * look puts it off until it expects somebody to expire, which on a standing clock is never.
     */
    private Device lookedAt(DirectoryFixture fixture, DeviceId id) {
        joined(fixture.signIn(sweeper));
        joined(fixture.directory.connectionLost(sweeper));
        return fixture.now(id);
    }

    /** A bar that cannot be written stands all the same; one that cannot be lifted stays. */
    private static void changeWhileNothingCanBeWritten(
            DirectoryFixture fixture, DeviceId id, Model model, Random random) throws SQLException {
        if (random.nextInt(4) != 0) {
            return;
        }
        boolean disables = random.nextBoolean();
        try (Connection blocker = fixture.blockWriting()) {
            CompletionStage<Device> change =
                    disables
                            ? fixture.directory.disable(id).durable()
                            : fixture.directory.enable(id);
            Throwable failure = catchThrowable(() -> joined(change));
            assertThat(blocker.isClosed()).isFalse();
            if (disables) {
                assertThat(failure == null).isEqualTo(!model.enabled);
                model.disable();
            } else if (failure == null) {
                // It was not disabled, so there was nothing to write.
                model.enabled = true;
            }
        }
    }
}
