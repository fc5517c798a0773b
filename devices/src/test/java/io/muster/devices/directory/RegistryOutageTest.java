package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.GRACE;
import static io.muster.devices.directory.DirectoryFixture.REGISTRY_TIMEOUT;
import static io.muster.devices.directory.DirectoryFixture.SOON;
import static io.muster.devices.directory.DirectoryFixture.joined;
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
import io.muster.devices.application.Application;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.outage.RegistryWatch.Operation;
import io.muster.devices.registry.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a directory does while its database is gone, and when it is back. */
class RegistryOutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** Shorter than the grace: nobody asks for so long, and what was known is known. */
    private static final Duration CACHE_IDLE = Duration.ofMinutes(10);

    /** Where the one server has its data that is stopped and started. */
    private static @Nullable Path serverFolder;

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(RegistryWatch.class);

    @BeforeEach
    void listenToTheLog() {
        logged.start();
        logger.addAppender(logged);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
    }

    @AfterEach
    void leaveTheLog() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
    }

    private static @Nullable PostgresServer server;

    @BeforeAll
    static void keepTheFolder(@TempDir Path folder) {
        serverFolder = folder;
    }

    private static PostgresServer server() {
        if (server == null) {
            server = PostgresServer.start(Objects.requireNonNull(serverFolder));
        }
        return server;
    }

    @AfterAll
    static void stopTheServer() {
        if (server != null) {
            server.close();
        }
        server = null;
    }

    private static DirectorySettings settings() {
        return new DirectorySettings(1000, CACHE_IDLE, Duration.ZERO, SOON, GRACE);
    }

    private static void awaitAvailable(DirectoryFixture fixture, Operation operation, boolean is) {
        await().atMost(PATIENCE)
                .until(() -> fixture.directory.registryWatch().isAvailable(operation) == is);
    }

    private static void assertUnavailable(CompletionStage<?> stage) {
        assertThatThrownBy(() -> joined(stage))
                .hasCauseInstanceOf(RegistryUnavailableException.class);
    }

    private List<String> loggedLines() {
        return List.copyOf(logged.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /** With PostgreSQL, whose process is ended. */
    @Nested
    class OfAServer {

        private final PostgresServer server = server();
        private final DirectoryFixture fixture;

        OfAServer(@TempDir Path folder) throws IOException {
            fixture = new DirectoryFixture(server.settings(REGISTRY_TIMEOUT), folder, settings());
        }

        @AfterEach
        void close() {
            server.startAgain();
            fixture.close();
        }

        private void loseTheServer() {
            server.stop();
            awaitAvailable(fixture, Operation.READ, false);
        }

        private void bringTheServerBack() {
            server.startAgain();
            awaitAvailable(fixture, Operation.READ, true);
            awaitAvailable(fixture, Operation.WRITE, true);
        }

        @Test
        void isNoticedAlsoWhileNobodyAsks() {
            loseTheServer();

            assertThat(fixture.directory.registryWatch().isAvailable(Operation.WRITE)).isFalse();
        }

        @Test
        void letsInWhoIsInMemoryAndRefusesWhomNobodyKnowsAsUnavailable() {
            DeviceId known = fixture.device("known");
            DeviceId other = fixture.device("other");
            Application application =
                    fixture.applications.create("backend", "hash", Optional.empty());
            joined(fixture.directory.find(known));
            joined(fixture.directory.findProduct("pk1"));
            joined(fixture.directory.findApplication("backend"));
            loseTheServer();

            assertThat(joined(fixture.directory.find(known))).isPresent();
            assertThat(joined(fixture.directory.findProduct("pk1"))).isPresent();
            assertThat(joined(fixture.directory.findApplication("backend"))).contains(application);
            assertThat(joined(fixture.signIn(known)).status()).isEqualTo(DeviceStatus.ONLINE);
            assertUnavailable(fixture.directory.find(other));
            assertUnavailable(fixture.directory.find(new DeviceId("pk1", "nobody")));
            assertUnavailable(fixture.directory.findProduct("pk2"));
            assertUnavailable(fixture.directory.findApplication("other"));

            bringTheServerBack();
            assertThat(joined(fixture.directory.find(other))).isPresent();
            assertThat(joined(fixture.directory.find(new DeviceId("pk1", "nobody")))).isEmpty();
        }

        @Test
        void trustsMemoryUntilTheGraceIsOverAndThenAgainWhenItIsBack() {
            DeviceId known = fixture.device("known");
            joined(fixture.directory.find(known));
            joined(fixture.directory.findProduct("pk1"));
            loseTheServer();

            fixture.pass(GRACE.minusSeconds(1));
            assertThat(joined(fixture.directory.find(known))).isPresent();
            assertThat(joined(fixture.directory.findProduct("pk1"))).isPresent();
            fixture.pass(Duration.ofSeconds(1));
            assertUnavailable(fixture.directory.find(known));
            assertUnavailable(fixture.signIn(known));
            assertUnavailable(fixture.directory.findProduct("pk1"));
            assertUnavailable(fixture.directory.findApplication("backend"));
            assertThat(fixture.directory.registryWatch().outages(Operation.READ))
                    .isGreaterThanOrEqualTo(GRACE);

            bringTheServerBack();
            assertThat(joined(fixture.directory.find(known))).isPresent();
        }

        @Test
        void keepsStatesAndCatchesUpWithTheNewestOfEachDevice() {
            List<DeviceId> ids = new ArrayList<>();
            for (int i = 0; i < 900; i++) {
                ids.add(fixture.device("dev" + i));
            }
            ids.forEach(id -> joined(fixture.directory.find(id)));
            loseTheServer();
            ids.forEach(id -> joined(fixture.signIn(id)));
            for (int i = 0; i < ids.size(); i += 2) {
                joined(fixture.directory.connectionLost(ids.get(i)));
                fixture.pass(Duration.ofMillis(1));
            }
            assertThat(fixture.directory.statesWaiting()).isPositive();

            bringTheServerBack();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(fixture.directory.statesWaiting()).isZero());

            for (int i = 0; i < ids.size(); i++) {
                Device stored = fixture.stored(ids.get(i));
                assertThat(stored).isEqualTo(fixture.now(ids.get(i)));
                assertThat(stored.status())
                        .isEqualTo(i % 2 == 0 ? DeviceStatus.OFFLINE : DeviceStatus.ONLINE);
            }
        }

        @Test
        void isLoggedOnceWhenItBeginsAndOnceWhenItIsOver() {
            DeviceId known = fixture.device("known");
            joined(fixture.directory.find(known));
            loseTheServer();
            joined(fixture.signIn(known));
            for (int i = 0; i < 20; i++) {
                assertUnavailable(fixture.directory.find(new DeviceId("pk1", "nobody" + i)));
            }
            await().until(() -> !loggedLines().isEmpty());
            fixture.pass(Duration.ofSeconds(90));

            bringTheServerBack();
            await().until(() -> loggedLines().size() >= 2);

            assertThat(loggedLines()).hasSize(2);
            assertThat(loggedLines().get(0))
                    .startsWith(
                            "registry outage began reading=fails writing=fails grace=3600s"
                                    + " cause=\"");
            assertThat(loggedLines().get(1)).isEqualTo("registry outage is over seconds=90");
        }
    }

    /** With SQLite, to which somebody else keeps writing. */
    @Nested
    class OfWriting {

        private final DirectoryFixture fixture;

        OfWriting(@TempDir Path folder) throws IOException {
            fixture = new DirectoryFixture(folder, settings());
        }

        @AfterEach
        void close() {
            fixture.close();
        }

        @Test
        void refusesNobodyWhoCanBeReadHoweverLongItLasts() throws SQLException {
            DeviceId known = fixture.device("known");
            DeviceId other = fixture.device("other");
            joined(fixture.directory.find(known));
            try (Connection blocker = fixture.blockWriting()) {
                joined(fixture.signIn(known));
                awaitAvailable(fixture, Operation.WRITE, false);
                fixture.pass(GRACE.plusSeconds(1));

                assertThat(fixture.directory.registryWatch().isAvailable(Operation.READ)).isTrue();
                assertThat(joined(fixture.signIn(other)).status()).isEqualTo(DeviceStatus.ONLINE);
                assertThat(fixture.directory.statesWaiting()).isPositive();
                assertThat(blocker.isClosed()).isFalse();
            }

            awaitAvailable(fixture, Operation.WRITE, true);
            await().until(() -> fixture.directory.statesWaiting() == 0);
            assertThat(fixture.stored(known).status()).isEqualTo(DeviceStatus.ONLINE);
        }

        @Test
        void endsWithNothingWrittenOverWhatIsNewerInTheRegistry() throws SQLException {
            DeviceId id = fixture.device("dev1");
            Device newer;
            try (Connection blocker = fixture.blockWriting()) {
                Device kept = joined(fixture.signIn(id));
                awaitAvailable(fixture, Operation.WRITE, false);
                newer =
                        Tracked.fromRegistry(kept)
                                .withNewVersion(kept.state().version() + 10)
                                .device();
                try (var statement = blocker.createStatement()) {
                    // This hub is not the only one that writes.
                    statement.execute(
                            "UPDATE device SET version = "
                                    + newer.state().version()
                                    + ", status = 0");
                    statement.execute("COMMIT");
                }
            }
            await().until(() -> fixture.directory.statesWaiting() == 0);

            assertThat(fixture.stored(id).state().version()).isEqualTo(newer.state().version());
            assertThat(fixture.stored(id).status()).isEqualTo(DeviceStatus.INACTIVE);
        }
    }
}
