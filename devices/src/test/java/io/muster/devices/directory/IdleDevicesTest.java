package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static io.muster.devices.directory.DirectoryFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The idle timeout of the fixture is 90 seconds. */
class IdleDevicesTest {

    private static final Duration ALMOST = Duration.ofSeconds(89);
    private static final Duration A_LITTLE = Duration.ofSeconds(2);

    private final Path folder;

    IdleDevicesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void takesASilentDeviceOffline() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = online(fixture, "dev1");

            fixture.pass(ALMOST);
            sweep(fixture, "dev2");
            assertThat(status(fixture, id)).isEqualTo(DeviceStatus.ONLINE);

            fixture.pass(A_LITTLE);
            sweep(fixture, "dev3");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
            assertThat(fixture.directory.counts()).containsEntry(DeviceStatus.OFFLINE, 1L);
        }
    }

    @Test
    void keepsADeviceOnlineThatIsHeard() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = online(fixture, "dev1");
            DeviceId silent = online(fixture, "silent");
            Device before = fixture.now(id);

            fixture.pass(ALMOST);
            fixture.directory.sentData(id);
            fixture.pass(A_LITTLE);
            sweep(fixture, "dev2");

            await().until(() -> status(fixture, silent) == DeviceStatus.OFFLINE);
            assertThat(fixture.now(id)).isEqualTo(before);
        }
    }

    @Test
    void doesNotTakeALookForALife() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = online(fixture, "dev1");

            fixture.pass(ALMOST);
            assertThat(status(fixture, id)).isEqualTo(DeviceStatus.ONLINE);
            joined(fixture.directory.enable(id));
            fixture.pass(A_LITTLE);
            sweep(fixture, "dev2");

            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        }
    }

    @Test
    void bringsAnIdleDeviceBackWhenItIsHeard() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = idle(fixture);
            long version = fixture.now(id).state().version();

            fixture.directory.sentData(id);

            assertThat(status(fixture, id)).isEqualTo(DeviceStatus.ONLINE);
            assertThat(fixture.now(id).state().version()).isGreaterThan(version);

            fixture.pass(ALMOST.plus(A_LITTLE));
            sweep(fixture, "dev9");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        }
    }

    @Test
    void doesNotBringADeviceBackThatIsHeardAfterItsConnectionWasLost() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = idle(fixture);
            Device lost = joined(fixture.directory.connectionLost(id));
            assertThat(lost.status()).isEqualTo(DeviceStatus.OFFLINE);

            fixture.directory.sentData(id);

            assertThat(fixture.now(id)).isEqualTo(lost);
        }
    }

    @Test
    void neverTakesADeviceOfflineWithoutATimeout() throws IOException {
        DirectorySettings settings = new DirectorySettings(10, NEVER, Duration.ZERO, NEVER, NEVER);
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings)) {
            DeviceId id = online(fixture, "dev1");
            Device before = fixture.now(id);

            fixture.pass(Duration.ofDays(1000));
            sweep(fixture, "dev2");
            fixture.directory.sentData(id);

            assertThat(fixture.now(id)).isEqualTo(before);
        }
    }

    @Test
    void noticesASilentDeviceThoughNothingElseHappens() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER));
                DeviceDirectory running =
                        DeviceDirectory.open(
                                fixture.registry,
                                fixture.applications,
                                new DirectorySettings(
                                        10, NEVER, Duration.ofMillis(50), NEVER, NEVER),
                                Clock.systemUTC(),
                                Ticker.systemTicker())) {
            DeviceId id = fixture.device("dev1");
            joined(
                    running.withDevice(
                            id, () -> running.signedIn(id, Optional.empty(), Optional.empty())));

            // Only the counters are read: they touch no cache.
            await().until(() -> running.counts().getOrDefault(DeviceStatus.OFFLINE, 0L) == 1L);
        }
    }

    private static void limit(DirectoryFixture fixture, Optional<Duration> limit) {
        fixture.registry
                .products()
                .update("pk1", OptionalLong.empty(), settings -> settings.withIdleLimit(limit));
    }

    @Test
    void aProductHasALimitOfItsOwn() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            limit(fixture, Optional.of(Duration.ofMinutes(5)));
            DeviceId id = online(fixture, "dev1");

            fixture.pass(Duration.ofSeconds(299));
            sweep(fixture, "dev2");
            assertThat(status(fixture, id)).isEqualTo(DeviceStatus.ONLINE);
            fixture.pass(Duration.ofSeconds(2));
            sweep(fixture, "dev3");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        }
    }

    @Test
    void aChangedLimitTakesHoldForThoseWhoAreOnline() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = online(fixture, "dev1");
            limit(fixture, Optional.of(Duration.ofSeconds(10)));

            fixture.pass(Duration.ofSeconds(11));
            sweep(fixture, "dev2");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);

            limit(fixture, Optional.of(Duration.ofSeconds(20)));
            assertThat(status(fixture, id)).as("still idle").isEqualTo(DeviceStatus.OFFLINE);
            limit(fixture, Optional.of(Duration.ZERO));
            assertThat(status(fixture, id)).as("no limit").isEqualTo(DeviceStatus.ONLINE);
            fixture.pass(Duration.ofDays(100));
            sweep(fixture, "dev3");
            assertThat(status(fixture, id)).isEqualTo(DeviceStatus.ONLINE);
            limit(fixture, Optional.empty());
            fixture.pass(ALMOST.plus(A_LITTLE));
            sweep(fixture, "dev4");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        }
    }

    @Test
    void limitsAreKnownAfterARestart() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            limit(fixture, Optional.of(Duration.ofSeconds(10)));
        }
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = online(fixture, "dev1");
            fixture.pass(Duration.ofSeconds(11));
            sweep(fixture, "dev2");
            await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        }
    }

    private static DeviceId online(DirectoryFixture fixture, String deviceKey) {
        DeviceId id = fixture.device(deviceKey);
        assertThat(joined(fixture.signIn(id)).status()).isEqualTo(DeviceStatus.ONLINE);
        return id;
    }

    private static DeviceId idle(DirectoryFixture fixture) {
        DeviceId id = online(fixture, "dev1");
        fixture.pass(ALMOST.plus(A_LITTLE));
        sweep(fixture, "dev2");
        await().until(() -> status(fixture, id) == DeviceStatus.OFFLINE);
        return id;
    }

    /** Caffeine looks for expired entries after a write; its scheduler does not see a fake time. */
    private static void sweep(DirectoryFixture fixture, String deviceKey) {
        online(fixture, deviceKey);
    }

    private static DeviceStatus status(DirectoryFixture fixture, DeviceId id) {
        return fixture.now(id).status();
    }
}
