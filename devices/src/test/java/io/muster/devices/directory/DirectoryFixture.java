package io.muster.devices.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory on a real database, by default an SQLite file, with a clock and a ticker that stand
 * until they are moved.
 */
final class DirectoryFixture implements AutoCloseable {

    static final Duration NEVER = Duration.ofDays(1);
    static final Duration SOON = Duration.ofMillis(20);
    static final Duration GRACE = Duration.ofHours(1);
    static final Duration REGISTRY_TIMEOUT = Duration.ofSeconds(1);

    private final RegistrySettings registrySettings;
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong millis = new AtomicLong(1_700_000_000_000L);
    final RegistryDatabase database;
    final DeviceRegistry registry;
    final ApplicationRegistry applications;
    final DeviceDirectory directory;

    static DirectorySettings settings(Duration stateWriteInterval) {
        return new DirectorySettings(
                1000, NEVER, Duration.ofSeconds(90), stateWriteInterval, GRACE);
    }

    DirectoryFixture(Path folder, DirectorySettings settings) throws IOException {
        this(
                new RegistrySettings(
                        "jdbc:sqlite:" + folder.resolve("registry.db"),
                        "",
                        "",
                        2,
                        REGISTRY_TIMEOUT),
                folder,
                settings);
    }

    /** On any database; {@code folder} has the key. */
    DirectoryFixture(RegistrySettings registrySettings, Path folder, DirectorySettings settings)
            throws IOException {
        this.registrySettings = registrySettings;
        Clock clock = new StandingClock();
        database =
                RegistryDatabase.open(registrySettings, SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, clock);
        applications = new ApplicationRegistry(database, clock);
        if (registry.products().find("pk1").isEmpty()) {
            assertThat(registry.products().create(Optional.of("pk1"), made -> made)).isNotNull();
        }
        directory = DeviceDirectory.open(registry, applications, settings, clock, nanos::get);
    }

    DeviceId device(String deviceKey) {
        return registry.createDevice("pk1", Optional.of(deviceKey)).id();
    }

    Device now(DeviceId id) {
        return joined(directory.find(id)).orElseThrow();
    }

    Device stored(DeviceId id) {
        return registry.findDevice(id).orElseThrow();
    }

    /** As the hub does. */
    CompletionStage<Device> signIn(DeviceId id) {
        return signIn(id, Optional.empty(), Optional.empty());
    }

    CompletionStage<Device> signIn(DeviceId id, LastClient client) {
        return signIn(id, Optional.empty(), Optional.of(client));
    }

    CompletionStage<Device> signIn(DeviceId id, Secret proof) {
        return signIn(id, Optional.of(proof.mark()), Optional.empty());
    }

    private CompletionStage<Device> signIn(
            DeviceId id, Optional<String> secretMark, Optional<LastClient> client) {
        return directory
                .withDevice(id, () -> directory.signedIn(id, secretMark, client))
                .thenApply(SignedIn::device);
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        millis.addAndGet(time.toMillis());
    }

    /** Keeps everybody else from writing until it is closed; reading goes on. */
    Connection blockWriting() throws SQLException {
        Connection blocker = DriverManager.getConnection(registrySettings.jdbcUrl());
        try (var statement = blocker.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
        }
        return blocker;
    }

    static <T> T joined(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        directory.close();
        database.close();
    }

    private final class StandingClock extends Clock {

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis.get());
        }
    }
}
