package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.Application;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
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
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

    @Test
    void theVersionOfTheSchemaIsThatOfTheLastMigration() throws IOException, URISyntaxException {
        URL migrations = RegistryDatabase.class.getResource("/" + Migrations.FOLDER);
        try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(migrations).toURI()))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(Migrations.SCHEMA_VERSION)
                    .anyMatch(name -> name.startsWith("V" + Migrations.SCHEMA_VERSION + "__"));
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
