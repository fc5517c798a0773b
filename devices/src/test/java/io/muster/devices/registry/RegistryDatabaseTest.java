package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.RegistryUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryDatabaseTest {

    private final Path folder;
    private final Path file;

    RegistryDatabaseTest(@TempDir Path folder) {
        this.folder = folder;
        this.file = folder.resolve("deep/data/registry.db");
    }

    @Test
    void makesTheFileAndItsFolderForTheOwnerOnly() throws IOException {
        try (RegistryDatabase database = open(Duration.ofSeconds(5))) {
            var unused =
                    products(database).products().create(Optional.of("pk1"), settings -> settings);

            assertThat(permissions(file)).isEqualTo("rw-------");
            assertThat(permissions(file.resolveSibling("registry.db-wal"))).isEqualTo("rw-------");
            assertThat(permissions(folder.resolve("deep/data"))).isEqualTo("rwx------");
        }
    }

    @Test
    void syncsEveryCommitAndKeepsReferences() throws IOException {
        try (RegistryDatabase database = open(Duration.ofSeconds(5))) {
            assertThat(pragma(database, "journal_mode")).isEqualTo("wal");
            assertThat(pragma(database, "synchronous")).as("FULL").isEqualTo("2");
            assertThat(pragma(database, "foreign_keys")).isEqualTo("1");
            assertThat(pragma(database, "busy_timeout")).isEqualTo("5000");
        }
    }

    @Test
    void readsThroughConnectionsThatCannotWrite() throws IOException {
        try (RegistryDatabase database = open(Duration.ofSeconds(5))) {
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(
                            () ->
                                    database.read(
                                            "write",
                                            handle -> handle.execute("DELETE FROM product")))
                    .withStackTraceContaining("readonly");
        }
    }

    @Test
    void readsWhileAnotherWritesAndGivesUpWritingInTime() throws IOException, SQLException {
        try (RegistryDatabase database = open(Duration.ofMillis(300));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            assertThat(products(database).products().list("", 10)).isEmpty();
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(
                            () ->
                                    products(database)
                                            .products()
                                            .create(Optional.of("pk1"), settings -> settings))
                    .withMessage("registry cannot create product pk1");

            statement.execute("ROLLBACK");
            assertThat(
                            products(database)
                                    .products()
                                    .create(Optional.of("pk1"), settings -> settings)
                                    .productKey())
                    .isEqualTo("pk1");
        }
    }

    @Test
    void saysThatAFileIsNotADatabase() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file, "this is not a database, but long enough to be read as one".repeat(20));

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> open(Duration.ofSeconds(1)))
                .withMessageContaining("registry.db")
                .withMessageContaining("file is not a database");
    }

    @Test
    void saysThatAServerIsNotThereAndTellsNoPassword() throws IOException {
        RegistrySettings settings =
                new RegistrySettings(
                        "jdbc:postgresql://127.0.0.1:1/muster?password=hidden1",
                        "muster",
                        "hidden2",
                        2,
                        Duration.ofMillis(300));
        SecretCipher cipher = SecretCipher.load(folder.resolve("key"));

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> RegistryDatabase.open(settings, cipher))
                .withMessageContaining("127.0.0.1:1")
                .satisfies(
                        failure ->
                                assertThat(Throwables.getStackTrace(failure))
                                        .doesNotContain("hidden1")
                                        .doesNotContain("hidden2"));
        assertThat(settings.toString()).doesNotContain("hidden").contains("muster");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jdbc:sqlite:",
                "jdbc:sqlite::memory:",
                "jdbc:sqlite:file:x.db",
                "jdbc:sqlite:x.db?cache=shared",
                "jdbc:mysql://host/db"
            })
    void refusesADatabaseThatItDoesNotKnow(String jdbcUrl) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RegistrySettings(jdbcUrl, "", "", 1, Duration.ofSeconds(1)))
                .withMessageContaining("jdbcUrl")
                .withMessageContaining("jdbc:sqlite:FILE");
    }

    @Test
    void refusesNoConnectionsAndNoTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new RegistrySettings(
                                        "jdbc:sqlite:x.db", "", "", 0, Duration.ofSeconds(1)))
                .withMessageContaining("connectionsMax 0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new RegistrySettings("jdbc:sqlite:x.db", "", "", 1, Duration.ZERO))
                .withMessageContaining("timeout 0 ms");
    }

    private RegistryDatabase open(Duration timeout) throws IOException {
        return RegistryDatabase.open(
                new RegistrySettings("jdbc:sqlite:" + file, "", "", 2, timeout),
                SecretCipher.load(folder.resolve("key")));
    }

    private static DeviceRegistry products(RegistryDatabase database) {
        return new DeviceRegistry(database, Clock.systemUTC());
    }

    private static String pragma(RegistryDatabase database, String name) {
        return database.write(
                "ask", handle -> handle.createQuery("PRAGMA " + name).mapTo(String.class).one());
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
