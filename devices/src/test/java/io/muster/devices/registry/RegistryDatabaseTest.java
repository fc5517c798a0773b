package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.registry.secret.SecretCipher;
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
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Assumptions;
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
                .withMessageContaining("is damaged and was left as it is")
                .withMessageContaining("file is not a database");
    }

    @Test
    void refusesADamagedFileSayingWhatToDoAndLeavesItAsItIs() throws IOException {
        try (RegistryDatabase database = open(Duration.ofSeconds(5))) {
            products(database).products().create(Optional.of("pk1"), settings -> settings);
        }
        byte[] damaged = Files.readAllBytes(file);
        Arrays.fill(damaged, 100, Math.min(damaged.length, 3 * 4096), (byte) 0x5A);
        Files.write(file, damaged);

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> open(Duration.ofSeconds(1)))
                .withMessageContaining("registry file " + file + " is damaged")
                .withMessageContaining("put a backup in its place")
                .withMessageContaining("malformed");
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }

    @Test
    void takesAFileThatLostAllItsContentForNoNewRegistry() throws IOException {
        open(Duration.ofSeconds(5)).close();
        Files.write(file, new byte[0]);

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> open(Duration.ofSeconds(1)))
                .withMessageContaining("registry file " + file + " is empty")
                .withMessageContaining("backup");
        assertThat(file).isEmptyFile();
    }

    @Test
    void takesALogWithoutItsFileForNoNewRegistry() throws IOException {
        open(Duration.ofSeconds(5)).close();
        Files.move(file, file.resolveSibling("registry.db-wal"));

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> open(Duration.ofSeconds(1)))
                .withMessageContaining(file + " is missing")
                .withMessageContaining("registry.db-wal is there");
        assertThat(file).doesNotExist();
    }

    /** Nobody, root included, makes files there. */
    @Test
    void saysThatAFolderTakesNoFile() {
        Path nowhere = Path.of("/proc/muster/registry.db");
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "no /proc here");
        RegistrySettings settings =
                new RegistrySettings("jdbc:sqlite:" + nowhere, "", "", 2, Duration.ofSeconds(1));

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(
                        () ->
                                RegistryDatabase.open(
                                        settings, SecretCipher.load(folder.resolve("key"))))
                .withMessageContaining("registry file " + nowhere + " cannot be made");
    }

    @Test
    void saysThatAFileCannotBeWritten() throws IOException {
        open(Duration.ofSeconds(5)).close();
        Path parent = file.getParent();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("r-x------"));
        try {
            Assumptions.assumeFalse(Files.isWritable(file), "this user may write everything");
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> open(Duration.ofSeconds(1)))
                    .withMessageContaining("registry file " + file + " cannot be written");
        } finally {
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void isReadWhileItsDiskIsFullAndWrittenAgainOnceThereIsRoom() throws IOException {
        try (RegistryDatabase database = open(Duration.ofSeconds(2))) {
            DeviceRegistry registry = products(database);
            registry.products().create(Optional.of("pk1"), settings -> settings);
            limitPages(database, Integer.parseInt(pragma(database, "page_count")) + 1);

            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(
                            () -> {
                                for (int i = 0; i < 1_000; i++) {
                                    registry.createDevice("pk1", Optional.of("dev" + i));
                                }
                            })
                    .withStackTraceContaining("database or disk is full");
            assertThat(registry.products().find("pk1")).isPresent();

            limitPages(database, Integer.MAX_VALUE);
            assertThat(registry.createDevice("pk1", Optional.of("last")).id().deviceKey())
                    .isEqualTo("last");
        }
    }

    /** On the one connection that writes: SQLite then answers as it does when the disk is full. */
    private static void limitPages(RegistryDatabase database, int pages) {
        var unused =
                database.write(
                        "limit",
                        handle ->
                                handle.createQuery("PRAGMA max_page_count = " + pages)
                                        .mapTo(Long.class)
                                        .one());
    }

    @Test
    void aStatementThatFailsByItselfIsNoOutage() throws IOException {
        AtomicInteger looks = new AtomicInteger();
        try (RegistryDatabase database = open(Duration.ofSeconds(5));
                RegistryWatch watch =
                        RegistryWatch.start(
                                database, Duration.ZERO, looks::incrementAndGet, readable -> {})) {
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(RegistryUnavailableException.class)
                        .isThrownBy(
                                () -> database.read("fail", handle -> handle.execute("NONSENSE")));
                assertThatExceptionOfType(RegistryUnavailableException.class)
                        .isThrownBy(
                                () -> database.write("fail", handle -> handle.execute("NONSENSE")));
            }
            await().until(() -> looks.get() >= 2);

            assertThat(watch.isAvailable(RegistryWatch.Operation.READ)).isTrue();
            assertThat(watch.isAvailable(RegistryWatch.Operation.WRITE)).isTrue();
            assertThat(watch.isPastGrace()).isFalse();
        }
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

    @Test
    void whatPostgresqlSaysOfAFailedStatementQuotesNoValues() throws IOException {
        try (RegistryDatabase database = TestDatabase.POSTGRESQL.open(folder)) {
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(
                            () ->
                                    database.write(
                                            "write",
                                            handle ->
                                                    handle.createUpdate(
                                                                    "INSERT INTO product"
                                                                            + " (product_key,"
                                                                            + " secret) VALUES"
                                                                            + " ('pk1', :secret)")
                                                            .bind("secret", "top-secret")
                                                            .execute()))
                    .satisfies(
                            failed ->
                                    assertThat(Throwables.getStackTrace(failed))
                                            .contains("violates not-null constraint")
                                            .doesNotContain("top-secret"));
        }
    }
}
