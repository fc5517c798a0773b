package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.application.Application;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.search.DeviceSearch;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases of earlier versions, opened by this one. */
class MigrationTest {

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anAccountFromBeforeScramIsKeptAndCanBeUpgraded(TestDatabase kind)
            throws IOException, SQLException {
        RegistrySettings settings = kind.settings(folder);
        migrate(settings, "1");
        execute(settings, "INSERT INTO application VALUES ('app1', 'hash', 1700000000000)");

        try (RegistryDatabase database =
                RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key")))) {
            ApplicationRegistry registry = new ApplicationRegistry(database, Clock.systemUTC());
            Application old = registry.find("app1").orElseThrow();

            assertThat(old)
                    .isEqualTo(
                            new Application(
                                    "app1",
                                    "hash",
                                    Optional.empty(),
                                    Instant.ofEpochMilli(1_700_000_000_000L)));
            assertThat(registry.storeScramVerifier(old, "verifier")).isTrue();
            assertThat(registry.find("app1").flatMap(Application::scramVerifier))
                    .contains("verifier");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aProductFromBeforeItsSettingsIsAsItWas(TestDatabase kind)
            throws IOException, SQLException {
        RegistrySettings settings = kind.settings(folder);
        migrate(settings, "5");
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));
        Secret secret = Secret.generate();
        execute(
                settings,
                "INSERT INTO product (product_key, secret, name, dynamic_activation, created_at)"
                        + " VALUES ('pk1', '%s', 'Pumps', 1, 1700000000000)"
                                .formatted(cipher.encrypt(secret, Rows.productOwner("pk1"))));

        try (RegistryDatabase database = RegistryDatabase.open(settings, cipher)) {
            ProductRegistry registry = new DeviceRegistry(database, Clock.systemUTC()).products();

            assertThat(registry.find("pk1"))
                    .contains(
                            new Product(
                                    "pk1",
                                    RotatingSecret.of(secret),
                                    ProductSettings.named("Pumps").withDynamicActivation(true),
                                    1,
                                    Instant.ofEpochMilli(1_700_000_000_000L)));
        }
    }

    private static void migrate(RegistrySettings settings, String target) {
        Flyway.configure(RegistryDatabase.class.getClassLoader())
                .dataSource(settings.jdbcUrl(), settings.username(), settings.password())
                .locations("classpath:io/muster/devices/registry/migrations")
                .placeholders(Map.of("bytes", settings.isSqlite() ? "BINARY" : "\"C\""))
                .target(target)
                .load()
                .migrate();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aDeviceFromBeforeItsDetailsIsAsItWas(TestDatabase kind) throws IOException, SQLException {
        RegistrySettings settings = kind.settings(folder);
        migrate(settings, "8");
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));
        Secret secret = Secret.generate();
        DeviceId id = new DeviceId("pk1", "dev1");
        execute(
                settings,
                "INSERT INTO product (product_key, secret, name, dynamic_activation, created_at)"
                        + " VALUES ('pk1', '%s', 'Pumps', 0, 1700000000000)"
                                .formatted(cipher.encrypt(secret, Rows.productOwner("pk1"))));
        execute(
                settings,
                ("INSERT INTO device (product_key, device_key, secret, status, version, since,"
                                + " created_at, activated_at, last_online_at, last_offline_at)"
                                + " VALUES ('pk1', 'dev1', '%s', 2, 42, 1700000000001,"
                                + " 1700000000002, 1700000000003, 1700000000004, 1700000000005)")
                        .formatted(cipher.encrypt(secret, Rows.deviceOwner(id))));
        execute(settings, "INSERT INTO device_value VALUES ('pk1', 'dev1', 1, 'hall', '3')");

        try (RegistryDatabase database = RegistryDatabase.open(settings, cipher)) {
            assertThat(new DeviceRegistry(database, Clock.systemUTC()).findDevice(id))
                    .contains(
                            new Device(
                                    id,
                                    RotatingSecret.of(secret),
                                    new DeviceState(DeviceStatus.OFFLINE, 42, time(1)),
                                    time(2),
                                    Optional.of(time(3)),
                                    Optional.of(time(4)),
                                    Optional.of(time(5))));
            DeviceRecords records = new DeviceRecords(database);
            assertThat(records.find(id))
                    .contains(new DeviceDetails(Optional.empty(), 1, Optional.empty()));
            DeviceSearch byTag =
                    new DeviceSearch(
                            Optional.of("pk1"),
                            Optional.of(DeviceStatus.OFFLINE),
                            "",
                            "",
                            List.of(new DeviceSearch.Tag("hall", "3")));
            assertThat(records.search(byTag, "", 10).devices())
                    .extracting(found -> found.device().id())
                    .containsExactly(id);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void devicesFromBeforeTheirAssetIdentifiersAreFoundByThem(TestDatabase kind)
            throws IOException, SQLException {
        RegistrySettings settings = kind.settings(folder);
        migrate(settings, "13");
        execute(
                settings,
                "INSERT INTO product (product_key, secret, name, dynamic_activation, created_at)"
                        + " VALUES ('pk1', '', 'Pumps', 0, 1), ('pk2', '', 'Fans', 0, 1)");
        for (String product : List.of("pk1", "pk2")) {
            String devices =
                    IntStream.range(0, 1_100)
                            .mapToObj(i -> "('%s', 'd%d', '', 0, 1, 1, 1)".formatted(product, i))
                            .collect(Collectors.joining(","));
            execute(
                    settings,
                    "INSERT INTO device (product_key, device_key, secret, status, version, since,"
                            + " created_at) VALUES "
                            + devices);
        }

        try (RegistryDatabase database =
                RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key")))) {
            DeviceRecords records = new DeviceRecords(database);
            for (String product : List.of("pk1", "pk2")) {
                for (int i = 0; i < 1_100; i += 9) {
                    DeviceId id = new DeviceId(product, "d" + i);
                    assertThat(records.find(AssetId.of(id))).containsExactly(id);
                }
            }
            assertThat(records.find(AssetId.of(new DeviceId("pk3", "d1")))).isEmpty();
            assertThat(
                            database.<Integer>read(
                                    "count",
                                    handle ->
                                            handle.createQuery(
                                                            "SELECT COUNT(*) FROM device"
                                                                    + " WHERE asset IS NULL")
                                                    .mapTo(Integer.class)
                                                    .one()))
                    .isZero();
        }
    }

    private static Instant time(int millis) {
        return Instant.ofEpochMilli(1_700_000_000_000L + millis);
    }

    /** A hub that starts may wait longer than one that runs. */
    @Test
    void aMigrationMayTakeLongerThanAStatement() throws Exception {
        RegistrySettings settings = hasty(TestDatabase.POSTGRESQL.settings(folder));
        migrate(settings, "1");
        try (Connection other =
                        DriverManager.getConnection(
                                settings.jdbcUrl(), settings.username(), settings.password());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE application");
            CompletableFuture<Void> released =
                    CompletableFuture.runAsync(
                            () -> commit(other),
                            CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS));

            long begin = System.nanoTime();
            RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key"))).close();

            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isGreaterThan(settings.timeout());
            released.join();
        }
    }

    @Test
    void takingAllDevicesOfflineMayTakeLongerThanAStatement() throws Exception {
        RegistrySettings settings = hasty(TestDatabase.POSTGRESQL.settings(folder));
        try (RegistryDatabase database =
                RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("key")))) {
            execute(
                    settings,
                    "CREATE FUNCTION slow() RETURNS trigger AS"
                            + " 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END' LANGUAGE plpgsql");
            execute(
                    settings,
                    "CREATE TRIGGER slow BEFORE UPDATE ON device EXECUTE FUNCTION slow()");
            DeviceRegistry registry = new DeviceRegistry(database, Clock.systemUTC());

            assertThat(registry.takeAllOffline()).isZero();
        }
    }

    /** A second is the least that the driver waits for a statement. */
    private static RegistrySettings hasty(RegistrySettings settings) {
        return new RegistrySettings(
                settings.jdbcUrl(),
                settings.username(),
                settings.password(),
                settings.connectionsMax(),
                Duration.ofSeconds(1));
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void theVersionOfTheSchemaIsThatOfTheLastMigration() throws IOException, URISyntaxException {
        URL migrations = RegistryDatabase.class.getResource("/" + Migrations.FOLDER);
        try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(migrations).toURI()))) {
            Stream<String> inSql =
                    files.map(file -> file.getFileName().toString())
                            .map(name -> name.substring(1, name.indexOf("__")));
            Stream<String> inJava =
                    Migrations.inJava().stream().map(each -> each.getVersion().getVersion());
            assertThat(Stream.concat(inSql, inJava).map(Integer::valueOf))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, Migrations.SCHEMA_VERSION).boxed().toList());
        }
    }

    @Test
    void aFileThatIsUpToDateIsNotGoneThroughAgain() throws IOException, SQLException {
        RegistrySettings settings = TestDatabase.SQLITE.settings(folder);
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));
        RegistryDatabase.open(settings, cipher).close();
        // Without its history Flyway takes the file for a stranger's.
        execute(settings, "DROP TABLE flyway_schema_history");

        RegistryDatabase.open(settings, cipher).close();

        execute(settings, "PRAGMA user_version = " + (Migrations.USER_VERSION - 1));
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> RegistryDatabase.open(settings, cipher))
                .withMessageContaining("cannot be migrated")
                .withMessageContaining(settings.sqliteFile());
    }

    @Test
    void aFileOfANewerHubKeepsItsVersion() throws IOException, SQLException {
        RegistrySettings settings = TestDatabase.SQLITE.settings(folder);
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));
        RegistryDatabase.open(settings, cipher).close();
        execute(settings, "PRAGMA user_version = " + (Migrations.USER_VERSION + 1));

        try (RegistryDatabase database = RegistryDatabase.open(settings, cipher)) {
            assertThat(
                            database.<Integer>read(
                                    "read the version",
                                    handle ->
                                            handle.createQuery("PRAGMA user_version")
                                                    .mapTo(Integer.class)
                                                    .one()))
                    .isEqualTo(Migrations.USER_VERSION + 1);
        }
    }

    private static void execute(RegistrySettings settings, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                settings.jdbcUrl(), settings.username(), settings.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
