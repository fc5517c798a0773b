package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.SOON;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static io.muster.devices.directory.DirectoryFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.LastClient;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class StateWritingTest {

    private final Path folder;

    StateWritingTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void writesTheLatestStateOfEachDeviceSoon() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            List<DeviceId> ids = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                DeviceId id = fixture.device("dev" + i);
                ids.add(id);
                joined(fixture.signIn(id));
                joined(fixture.directory.connectionLost(id));
            }

            await().untilAsserted(
                            () ->
                                    assertThat(ids)
                                            .allSatisfy(
                                                    id ->
                                                            assertThat(fixture.stored(id))
                                                                    .isEqualTo(fixture.now(id))));
            assertThat(fixture.stored(ids.get(0)).status()).isEqualTo(DeviceStatus.OFFLINE);
        }
    }

    @Test
    void writesByWhichClientADeviceSignedInThatWasOnlineAlready() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = fixture.device("dev1");
            Device first = joined(fixture.signIn(id, client("first")));
            joined(fixture.directory.flush(first));

            Device second = joined(fixture.signIn(id, client("second")));
            assertThat(fixture.directory.latestClient(id, Optional.empty()))
                    .contains(client("second"));
            joined(fixture.directory.flush(second));

            assertThat(fixture.stored(id)).isEqualTo(second);
            assertThat(second.state().since()).isEqualTo(first.state().since());
            assertThat(second.state().version()).isGreaterThan(first.state().version());
        }
    }

    private static LastClient client(String software) {
        return new LastClient(
                Optional.of("192.0.2.1"), 4, 60, Optional.of(software), Optional.empty());
    }

    @Test
    void doesNotWriteEveryChangeAtOnce() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = fixture.device("dev1");
            joined(fixture.signIn(id));

            assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.INACTIVE);
        }
    }

    @Test
    void writesWhatIsFlushedBeforeItSaysSoAndAllThatWaitsWithIt() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = fixture.device("dev1");
            DeviceId other = fixture.device("dev2");
            joined(fixture.signIn(other));

            Device flushed = joined(fixture.directory.flush(joined(fixture.signIn(id))));

            assertThat(fixture.stored(id)).isEqualTo(flushed);
            assertThat(fixture.stored(other).status()).isEqualTo(DeviceStatus.ONLINE);
        }
    }

    @Test
    void saysSoWhenWhatIsFlushedCannotBeWrittenAndKeepsIt() throws IOException, SQLException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            Device device = joined(fixture.signIn(fixture.device("dev1")));

            try (Connection blocker = fixture.blockWriting()) {
                assertThat(blocker.isClosed()).isFalse();
                assertThatThrownBy(() -> joined(fixture.directory.flush(device)))
                        .hasCauseInstanceOf(RegistryUnavailableException.class);
            }

            assertThat(joined(fixture.directory.flush(device))).isEqualTo(device);
            assertThat(fixture.stored(device.id())).isEqualTo(device);
        }
    }

    @Test
    void writesAllStatesWhenItCloses() throws IOException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            List<Device> online = new ArrayList<>();
            for (int i = 0; i < 2500; i++) {
                online.add(joined(fixture.signIn(fixture.device("dev" + i))));
            }

            fixture.directory.close();

            assertThat(online)
                    .allSatisfy(
                            device -> assertThat(fixture.stored(device.id())).isEqualTo(device));
        }
    }

    @Test
    void keepsAndRetriesWhatCouldNotBeWrittenAndLogsTheOutageOnce()
            throws IOException, SQLException {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        Logger logger = (Logger) LoggerFactory.getLogger(StateWriter.class);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(logged);
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            DeviceId id = fixture.device("dev1");
            try (Connection blocker = fixture.blockWriting()) {
                joined(fixture.signIn(id));
                await().until(() -> !logged.list.isEmpty());
                joined(fixture.directory.connectionLost(id));
                assertThat(fixture.now(id).status()).isEqualTo(DeviceStatus.OFFLINE);
                assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.INACTIVE);
                assertThat(blocker.isClosed()).isFalse();
            }

            await().until(() -> fixture.stored(id).equals(fixture.now(id)));
            await().until(() -> logged.list.size() == 2);
            assertThat(logged.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "device states not written, will be tried again states=1",
                            "device states are written again");
        } finally {
            logger.detachAppender(logged);
            logger.setAdditive(true);
        }
    }

    @Test
    void doesNotForgetAStateThatIsNotWrittenWhenMemoryIsShort() throws IOException {
        DirectorySettings tiny = new DirectorySettings(1, NEVER, Duration.ZERO, NEVER, NEVER);
        try (DirectoryFixture fixture = new DirectoryFixture(folder, tiny)) {
            DeviceId id = fixture.device("dev1");
            joined(fixture.signIn(id));
            Device offline = joined(fixture.directory.connectionLost(id));
            for (int i = 0; i < 100; i++) {
                assertThat(joined(fixture.directory.find(fixture.device("other" + i)))).isPresent();
            }
            fixture.pass(NEVER.plusSeconds(1));

            assertThat(fixture.now(id)).isEqualTo(offline);
            assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.INACTIVE);
        }
    }

    @Test
    void readsAWrittenStateAgainAfterMemoryForgotIt() throws IOException {
        DirectorySettings tiny =
                new DirectorySettings(1, Duration.ofSeconds(1), Duration.ZERO, NEVER, NEVER);
        try (DirectoryFixture fixture = new DirectoryFixture(folder, tiny)) {
            DeviceId id = fixture.device("dev1");
            Device disabled = joined(fixture.directory.disable(id).durable());
            fixture.pass(Duration.ofSeconds(2));
            fixture.database.close();

            assertThatThrownBy(() -> joined(fixture.directory.find(id)))
                    .hasCauseInstanceOf(RegistryUnavailableException.class);
            try (DirectoryFixture reopened = new DirectoryFixture(folder, tiny)) {
                assertThat(joined(reopened.signIn(id))).isEqualTo(disabled);
            }
        }
    }

    @Test
    void keepsADeviceBarredThatCouldNotBeBarredDurably() throws IOException, SQLException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            DeviceId id = fixture.device("dev1");
            joined(fixture.signIn(id));
            try (Connection blocker = fixture.blockWriting()) {
                assertThatThrownBy(() -> joined(fixture.directory.disable(id).durable()))
                        .hasCauseInstanceOf(RegistryUnavailableException.class);
                assertThat(joined(fixture.signIn(id)).status()).isEqualTo(DeviceStatus.DISABLED);
                assertThat(blocker.isClosed()).isFalse();
            }

            await().until(() -> fixture.stored(id).status() == DeviceStatus.DISABLED);
        }
    }

    @Test
    void keepsADeviceBarredThatCouldNotBeEnabled() throws IOException, SQLException {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            DeviceId id = fixture.device("dev1");
            Device disabled = joined(fixture.directory.disable(id).durable());
            try (Connection blocker = fixture.blockWriting()) {
                assertThatThrownBy(() -> joined(fixture.directory.enable(id)))
                        .hasCauseInstanceOf(RegistryUnavailableException.class);
                assertThat(joined(fixture.signIn(id)).status()).isEqualTo(DeviceStatus.DISABLED);
                assertThat(blocker.isClosed()).isFalse();
            }

            await().until(
                            () ->
                                    fixture.stored(id).state().version()
                                                    > disabled.state().version()
                                            && fixture.stored(id).equals(fixture.now(id)));
            assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.DISABLED);
            assertThat(joined(fixture.directory.enable(id)).status())
                    .isEqualTo(DeviceStatus.INACTIVE);
        }
    }

    @Test
    void takesDevicesOfflineThatACrashLeftOnlineWithAVersionNeverSeenBefore() throws IOException {
        try (DirectoryFixture crashed = new DirectoryFixture(folder, settings(NEVER))) {
            DeviceId id = crashed.device("dev1");
            joined(crashed.signIn(id));
            joined(crashed.directory.enable(id)); // makes "online" durable
            long stored = crashed.stored(id).state().version();
            crashed.pass(Duration.ofMillis(5));
            joined(crashed.directory.connectionLost(id));
            Device lastTold = joined(crashed.signIn(id));
            assertThat(lastTold.state().version()).isGreaterThan(stored);
            // The crash: what was told but not written is gone.

            DirectorySettings settings = settings(NEVER);
            try (DirectoryFixture restarted = new DirectoryFixture(folder, settings)) {
                assertThat(restarted.now(id).status()).isEqualTo(DeviceStatus.OFFLINE);
                assertThat(restarted.directory.counts()).containsEntry(DeviceStatus.OFFLINE, 1L);
                restarted.pass(Duration.ofMillis(50));
                assertThat(joined(restarted.signIn(id)).state().version())
                        .isGreaterThan(lastTold.state().version());
            }
        }
    }
}
