package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.SOON;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static io.muster.devices.directory.DirectoryFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisablingRaceTest {

    private static final int SIGNING = 4;
    private static final int ROUNDS = 50;

    private final Path folder;

    DisablingRaceTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void letsNobodyInOnceADeviceIsDisabledHoweverManyTry() throws Exception {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            DeviceId id = fixture.device("dev1");
            AtomicReference<Device> told = new AtomicReference<>(fixture.now(id));
            AtomicInteger disorder = new AtomicInteger();
            fixture.directory.addListener(
                    (device, before) -> {
                        Device earlier = told.getAndSet(device);
                        boolean newer = device.state().version() > earlier.state().version();
                        disorder.addAndGet(newer && before == earlier.status() ? 0 : 1);
                    });
            AtomicInteger phase = new AtomicInteger(); // odd while the device is barred
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger wrong = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            ExecutorService threads = Executors.newFixedThreadPool(SIGNING);
            List<Future<?>> signing = new ArrayList<>();
            for (int i = 0; i < SIGNING; i++) {
                signing.add(
                        threads.submit(
                                () -> {
                                    while (!over.get()) {
                                        int before = phase.get();
                                        Device device = joined(fixture.signIn(id));
                                        boolean online = device.status() == DeviceStatus.ONLINE;
                                        if (before % 2 == 1 && before == phase.get()) {
                                            wrong.addAndGet(online ? 1 : 0);
                                            refused.addAndGet(online ? 0 : 1);
                                        }
                                        joined(fixture.directory.connectionLost(id));
                                    }
                                }));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                joined(fixture.directory.disable(id).durable());
                phase.incrementAndGet();
                int seen = refused.get();
                await().until(() -> refused.get() > seen);
                phase.incrementAndGet();
                joined(fixture.directory.enable(id));
            }
            over.set(true);
            for (Future<?> thread : signing) {
                thread.get();
            }
            threads.shutdown();

            assertThat(wrong).hasValue(0);
            await().until(() -> fixture.now(id).equals(told.get()));
            assertThat(disorder).hasValue(0);
            await().until(() -> fixture.stored(id).equals(fixture.now(id)));
            assertThat(fixture.directory.counts()).isEqualTo(fixture.registry.countDevices());
        }
    }
}
