package io.muster.devices.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChangeNotifierTest {

    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch entered = new CountDownLatch(1);

    private void tell(Device device, DeviceStatus before) {
        told.add(device.id().deviceKey() + " " + before + " v" + device.state().version());
        entered.countDown();
        try {
            assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void mergesChangesPerDeviceAndInOrderWhenAListenerHangs() throws InterruptedException {
        try (ChangeNotifier notifier = new ChangeNotifier("listener", 2, Duration.ofSeconds(20))) {
            notifier.addListener(this::tell);
            notifier.changed(device("a", 1), DeviceStatus.INACTIVE);
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

            notifier.changed(device("a", 2), DeviceStatus.ONLINE);
            notifier.changed(device("b", 1), DeviceStatus.INACTIVE);
            // Here the queue is full.
            notifier.changed(device("b", 2), DeviceStatus.ONLINE);
            notifier.changed(device("a", 3), DeviceStatus.OFFLINE);
            notifier.changed(device("b", 3), DeviceStatus.OFFLINE);
            notifier.changed(device("b", 4), DeviceStatus.ONLINE);
            gate.countDown();

            await().until(() -> told.size() == 5);
            notifier.changed(device("b", 5), DeviceStatus.OFFLINE);
        }
        assertThat(told)
                .containsExactly(
                        "a INACTIVE v1",
                        "a ONLINE v2",
                        "b INACTIVE v1",
                        "b ONLINE v4",
                        "a OFFLINE v3",
                        "b OFFLINE v5");
    }

    @Test
    void doesNotWaitForEverForAListenerThatHangsWhenItCloses() {
        ChangeNotifier notifier = new ChangeNotifier("listener", 2, Duration.ofMillis(50));
        notifier.addListener(this::tell);
        notifier.changed(device("a", 1), DeviceStatus.INACTIVE);
        await().until(() -> told.size() == 1);

        notifier.close();

        notifier.changed(device("a", 2), DeviceStatus.ONLINE);
        assertThat(told).hasSize(1);
    }

    @Test
    void runsAStepOnceAllChangesBeforeItWereToldAlsoTheMergedOnes() throws InterruptedException {
        try (ChangeNotifier notifier = new ChangeNotifier("listener", 1, Duration.ofSeconds(20))) {
            notifier.addListener(this::tell);
            notifier.changed(device("a", 1), DeviceStatus.INACTIVE);
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
            notifier.changed(device("a", 2), DeviceStatus.ONLINE);
            notifier.changed(device("a", 3), DeviceStatus.OFFLINE);

            notifier.whenCaughtUp(() -> told.add("step"));
            assertThat(told).doesNotContain("step");
            gate.countDown();

            await().until(() -> told.contains("step"));
        }
        assertThat(told).containsExactly("a INACTIVE v1", "a ONLINE v2", "a OFFLINE v3", "step");
    }

    @Test
    void runsAStepAtOnceWhenThereIsNothingToTellAndSurvivesOneThatFails() {
        gate.countDown();
        try (ChangeNotifier notifier = new ChangeNotifier("listener", 1, Duration.ofSeconds(20))) {
            notifier.addListener(this::tell);
            notifier.whenCaughtUp(
                    () -> {
                        told.add("step");
                        throw new IllegalStateException("broken");
                    });
            await().until(() -> told.contains("step"));

            notifier.changed(device("a", 1), DeviceStatus.INACTIVE);
            await().until(() -> told.contains("a INACTIVE v1"));
        }
    }

    private static Device device(String deviceKey, long version) {
        return new Device(
                new DeviceId("pk1", deviceKey),
                RotatingSecret.of(Secret.of("dsecret1")),
                new DeviceState(DeviceStatus.ONLINE, version, Instant.EPOCH),
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void tellsADeletionInItsPlaceAndSparesWhatWasMergedBeforeIt() throws InterruptedException {
        DeviceStateListener listener =
                new DeviceStateListener() {
                    @Override
                    public void changed(Device device, DeviceStatus before) {
                        tell(device, before);
                    }

                    @Override
                    public void deleted(DeviceId id) {
                        told.add(id.deviceKey() + " deleted");
                    }
                };
        try (ChangeNotifier notifier = new ChangeNotifier("listener", 2, Duration.ofSeconds(20))) {
            notifier.addListener(listener);
            notifier.changed(device("a", 1), DeviceStatus.INACTIVE);
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

            notifier.changed(device("a", 2), DeviceStatus.ONLINE);
            notifier.deleted(device("a", 2).id());
            // Here the queue is full.
            notifier.changed(device("b", 1), DeviceStatus.ONLINE);
            notifier.deleted(device("b", 1).id());
            notifier.deleted(device("c", 1).id());
            notifier.changed(device("c", 2), DeviceStatus.INACTIVE);
            notifier.changed(device("c", 3), DeviceStatus.ONLINE);
            gate.countDown();
        }
        assertThat(told)
                .containsExactly(
                        "a INACTIVE v1", "a ONLINE v2", "a deleted", "b deleted", "c INACTIVE v3");
    }
}
