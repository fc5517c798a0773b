package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Application;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
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
        Flyway.configure(RegistryDatabase.class.getClassLoader())
                .dataSource(settings.jdbcUrl(), settings.username(), settings.password())
                .locations("classpath:io/muster/devices/registry/migrations")
                .placeholders(Map.of("bytes", settings.isSqlite() ? "BINARY" : "\"C\""))
                .target("1")
                .load()
                .migrate();
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

    private static void execute(RegistrySettings settings, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                settings.jdbcUrl(), settings.username(), settings.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
