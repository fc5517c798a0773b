package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.SOON;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.Secret;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.registry.DeviceRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that are deleted while they are in memory, sign in, or wait to be written. */
class DeletedDevicesTest {

    private static final int SIGNING = 4;
    private static final int ROUNDS = 60;

    private final DirectoryFixture fixture;
    private final DeviceDirectory directory;
    private final DeviceId id;
    private final List<String> told = new CopyOnWriteArrayList<>();

    DeletedDevicesTest(@TempDir Path folder) throws IOException {
        fixture =
                new DirectoryFixture(
                        folder,
                        new DirectorySettings(1, NEVER, Duration.ofSeconds(90), SOON, NEVER));
        directory = fixture.directory;
        id = fixture.device("dev1");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void listen() {
        directory.addPublisher(
                new DeviceStateListener() {
                    @Override
                    public void changed(Device device, DeviceStatus before) {
                        told.add(before + ">" + device.status());
                    }

                    @Override
                    public void deleted(DeviceId deleted) {
                        told.add(deleted + " deleted");
                    }
                });
    }

    private void assertGone() {
        assertThat(joined(directory.find(id))).isEmpty();
        assertThatThrownBy(() -> joined(fixture.signIn(id)))
                .hasCauseInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> joined(directory.connectionLost(id)))
                .hasCauseInstanceOf(NotFoundException.class);
        directory.sentData(id);
        assertThat(directory.counts()).isEqualTo(fixture.registry.countDevices());
        assertThat(directory.counts()).allSatisfy((status, count) -> assertThat(count).isZero());
    }

    @Test
    void aDeviceThatIsNotInMemoryIsGone() {
        fixture.registry.deleteDevice(id);

        assertGone();
    }

    @Test
    void aDeviceInMemoryIsGone() {
        fixture.now(id);

        fixture.registry.deleteDevice(id);

        assertGone();
    }

    @Test
    void aConnectedDeviceIsGoneAndNothingIsToldOfItAnyMore() {
        listen();
        joined(fixture.signIn(id));

        fixture.registry.deleteDevice(id);

        assertGone();
        fixture.pass(Duration.ofMinutes(5));
        AtomicBoolean caughtUp = new AtomicBoolean();
        directory.whenPublisherCaughtUp(() -> caughtUp.set(true));
        await().untilTrue(caughtUp);
        assertThat(told).containsExactly("INACTIVE>ONLINE", "pk1/dev1 deleted");
    }

    @Test
    void aDisabledDeviceCannotBeEnabledBackToLife() {
        joined(directory.disable(id).durable());

        fixture.registry.deleteDevice(id);

        assertGone();
        assertThatThrownBy(() -> joined(directory.enable(id)))
                .hasCauseInstanceOf(NotFoundException.class);
        assertThat(fixture.registry.findDevice(id)).isEmpty();
    }

    /** Deleted, and not told yet; the one place in the cache is taken by another device. */
    @Test
    void itsLastVersionStaysInMemoryUntilItsDeletionIsTold() throws InterruptedException {
        DeviceId other = fixture.device("other");
        Device online = joined(fixture.signIn(id));
        await().until(() -> fixture.stored(id).equals(online));
        new DeviceRegistry(fixture.database, Clock.systemUTC()).deleteDevice(id);

        Device last = joined(directory.connectionLost(id));
        await().until(() -> directory.statesWaiting() == 0);
        for (int i = 0; i < 10; i++) {
            fixture.now(other);
            TimeUnit.MILLISECONDS.sleep(5); // the cache tidies itself up aside
        }

        assertThat(joined(directory.find(id))).contains(last);
    }

    @Test
    void itsNameIsGivenToANewDeviceWithLaterVersions() {
        Device first = joined(fixture.signIn(id));
        joined(directory.connectionLost(id));
        long last = fixture.now(id).state().version();
        fixture.registry.deleteDevice(id);

        Device second = fixture.registry.createDevice("pk1", Optional.of("dev1"));

        assertThat(fixture.now(id)).isEqualTo(second);
        assertThat(second.status()).isEqualTo(DeviceStatus.INACTIVE);
        assertThat(second.state().version()).isGreaterThan(last);
        assertThat(second.activatedAt()).isEmpty();
        assertThatThrownBy(() -> joined(fixture.signIn(id, first.secret())))
                .hasCauseInstanceOf(SecretReplacedException.class);
        assertThat(fixture.now(id)).isEqualTo(second);
        assertThat(joined(fixture.signIn(id, second.secret())).status())
                .isEqualTo(DeviceStatus.ONLINE);
    }

    @Test
    void aDeletionThatFailsLeavesTheDeviceAsItWas() throws SQLException {
        Device online = joined(fixture.signIn(id));
        try (Connection blocker = fixture.blockWriting();
                Statement statement = blocker.createStatement()) {
            assertThatThrownBy(() -> fixture.registry.deleteDevice(id))
                    .hasMessageContaining("cannot delete device pk1/dev1");
            statement.execute("ROLLBACK");
        }

        assertThat(fixture.now(id)).isEqualTo(online);
        await().until(() -> fixture.stored(id).equals(online));
    }

    @Test
    void oneThatOnlyMemoryStillKnowsIsForgotten() throws SQLException {
        joined(fixture.signIn(id));
        await().until(() -> fixture.stored(id).status() == DeviceStatus.ONLINE);
        try (Connection behind = fixture.blockWriting();
                Statement statement = behind.createStatement()) {
            statement.execute("DELETE FROM device");
            statement.execute("COMMIT");
        }

        assertThatThrownBy(() -> fixture.registry.deleteDevice(id))
                .isInstanceOf(NotFoundException.class);

        assertGone();
    }

    @Test
    void nobodyIsLetInAsADeletedDeviceAndVersionsNeverGoBackHoweverManyTry() throws Exception {
        AtomicReference<Secret> ended = new AtomicReference<>(Secret.of("never"));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger wrong = new AtomicInteger();
        AtomicInteger right = new AtomicInteger();
        AtomicLong version = new AtomicLong();
        AtomicInteger disorder = new AtomicInteger();
        directory.addListener(
                (device, before) -> {
                    long earlier = version.getAndSet(device.state().version());
                    disorder.addAndGet(device.state().version() > earlier ? 0 : 1);
                });
        ExecutorService threads = Executors.newFixedThreadPool(SIGNING);
        List<Future<?>> signing = new ArrayList<>();
        for (int i = 0; i < SIGNING; i++) {
            signing.add(
                    threads.submit(
                            () -> {
                                while (!over.get()) {
                                    Secret endedBefore = Objects.requireNonNull(ended.get());
                                    Optional<Device> found = joined(directory.find(id));
                                    Secret proof = found.map(Device::secret).orElse(endedBefore);
                                    boolean in = signIn(proof);
                                    wrong.addAndGet(in && proof.equals(endedBefore) ? 1 : 0);
                                    wrong.addAndGet(signIn(endedBefore) ? 1 : 0);
                                    right.addAndGet(in ? 1 : 0);
                                    lose();
                                }
                            }));
        }
        for (int round = 1; round <= ROUNDS; round++) {
            int seen = right.get();
            await().until(() -> right.get() > seen + 2);
            Device deleted = fixture.stored(id);
            fixture.registry.deleteDevice(id);
            ended.set(deleted.secret());
            Device created = fixture.registry.createDevice("pk1", Optional.of("dev1"));
            assertThat(created.state().version()).isGreaterThan(deleted.state().version());
        }
        over.set(true);
        for (Future<?> thread : signing) {
            thread.get();
        }
        threads.shutdown();

        assertThat(wrong).hasValue(0);
        assertThat(disorder).hasValue(0);
        await().until(() -> fixture.stored(id).equals(fixture.now(id)));
        assertThat(directory.counts()).isEqualTo(fixture.registry.countDevices());
    }

    private boolean signIn(Secret proof) {
        try {
            return joined(fixture.signIn(id, proof)).status() == DeviceStatus.ONLINE;
        } catch (CompletionException refused) {
            assertThat(refused.getCause())
                    .isInstanceOfAny(NotFoundException.class, SecretReplacedException.class);
            return false;
        }
    }

    private void lose() {
        try {
            joined(directory.connectionLost(id));
        } catch (CompletionException gone) {
            assertThat(gone).hasCauseInstanceOf(NotFoundException.class);
        }
    }
}
