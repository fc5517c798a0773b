package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.REGISTRY_TIMEOUT;
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
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import io.muster.devices.outage.RegistryWatch.Operation;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a directory does on a file of SQLite of which pages of the devices' table are damaged. */
class DamagedRegistryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int DEVICES = 3_000;
    private static final int PAGE = 4096;
    private static final byte LEAF_OF_A_TABLE = 0x0D;
    private static final Pattern DEVICE_KEY = Pattern.compile("dev\\d{5}");

    private final Path folder;
    private final Path file;
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.muster.devices");

    DamagedRegistryTest(@TempDir Path folder) {
        this.folder = folder;
        file = folder.resolve("registry.db");
    }

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

    private List<String> errors() {
        return List.copyOf(logged.list).stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static DeviceId id(int number) {
        return new DeviceId("pk1", "dev%05d".formatted(number));
    }

    private static void importDevices(DirectoryFixture fixture) {
        List<NewDevice> devices =
                IntStream.range(0, DEVICES)
                        .mapToObj(i -> NewDevice.of(id(i).deviceKey(), Secret.of("secret " + i)))
                        .toList();
        assertThat(fixture.registry.importDevices("pk1", devices)).isEmpty();
    }

    /** Whose rows are in the page that has the row of this one, by the number of the page. */
    private Map.Entry<Integer, List<DeviceId>> pageOf(DeviceId id) throws IOException {
        byte[] all = Files.readAllBytes(file);
        for (int page = 1; page < all.length / PAGE; page++) {
            String text = new String(all, page * PAGE, PAGE, StandardCharsets.ISO_8859_1);
            if (all[page * PAGE] == LEAF_OF_A_TABLE && text.contains(id.deviceKey())) {
                // A row that was updated leaves its old bytes.
                Set<DeviceId> ids = new LinkedHashSet<>();
                Matcher found = DEVICE_KEY.matcher(text);
                while (found.find()) {
                    ids.add(new DeviceId("pk1", found.group()));
                }
                return Map.entry(page, List.copyOf(ids));
            }
        }
        throw new AssertionError("no page has " + id);
    }

    /** Overwrites the page that has the row of the device; whose rows are lost with it. */
    private List<DeviceId> damage(DeviceId id) throws IOException {
        Map.Entry<Integer, List<DeviceId>> page = pageOf(id);
        byte[] rubbish = new byte[PAGE];
        Arrays.fill(rubbish, (byte) 0x5A);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek((long) page.getKey() * PAGE);
            opened.write(rubbish);
        }
        return page.getValue();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /**
     * All that was written is in the file, once, and not in its log. Rows may grow in their pages:
     * where one has no room it needs those beside its page, which may be damaged.
     */
    private void settleFile() throws SQLException {
        execute(
                "UPDATE device SET last_address = '" + "x".repeat(40) + "'",
                "VACUUM",
                "UPDATE device SET last_address = NULL",
                "PRAGMA wal_checkpoint(TRUNCATE)");
        assertThat(folder.resolve("registry.db-wal"))
                .satisfiesAnyOf(
                        log -> assertThat(log).doesNotExist(),
                        log -> assertThat(log).isEmptyFile());
    }

    /** What somebody else writes makes every connection forget the pages that it has read. */
    private void forgetPages() throws SQLException {
        execute(
                "INSERT INTO key_proof (id, proof) VALUES (9, '')",
                "DELETE FROM key_proof WHERE id = 9");
    }

    private List<String> integrity() throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA quick_check")) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        } catch (SQLException damaged) {
            found.add(damaged.getMessage());
        }
        return found;
    }

    private static void assertDamaged(CompletionStage<?> stage) {
        assertThatThrownBy(() -> joined(stage))
                .cause()
                .isInstanceOfSatisfying(
                        RegistryUnavailableException.class,
                        failed -> assertThat(failed.isDamage()).isTrue());
    }

    @Test
    void aPageThatIsDamagedWhileItRunsKeepsBackTheStatesOfItsDevicesOnly() throws Exception {
        List<String> before;
        List<DeviceId> lost;
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            importDevices(fixture);
            List<DeviceId> online = IntStream.range(0, 300).mapToObj(i -> id(i)).toList();
            online.forEach(id -> joined(fixture.signIn(id)));
            await().atMost(PATIENCE).until(() -> fixture.directory.statesWaiting() == 0);
            settleFile();
            lost = damage(id(150));
            List<DeviceId> unread = damage(id(2_000));
            forgetPages();
            before = integrity();
            assertThat(before).isNotEqualTo(List.of("ok"));
            assertThat(fixture.directory.registryWatch().isDamaged()).isFalse();

            online.forEach(id -> joined(fixture.directory.connectionLost(id)));
            await().atMost(PATIENCE).until(() -> fixture.directory.statesWaiting() == lost.size());

            assertThat(lost).hasSizeBetween(5, 40).contains(id(150));
            assertThat(online)
                    .filteredOn(id -> !lost.contains(id))
                    .allSatisfy(
                            id ->
                                    assertThat(fixture.stored(id).status())
                                            .isEqualTo(DeviceStatus.OFFLINE));
            assertThat(fixture.directory.registryWatch().isDamaged()).isTrue();
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    fixture.directory.registryWatch().isAvailable(Operation.READ)
                                            && fixture.directory
                                                    .registryWatch()
                                                    .isAvailable(Operation.WRITE));

            // First sign-ins, which wait for their states, and whoever is read together with others
            Device other = joined(fixture.signIn(id(1_000)));
            assertThat(joined(fixture.directory.flush(other))).isEqualTo(other);
            Device kept = joined(fixture.signIn(lost.get(0)));
            assertThatThrownBy(() -> joined(fixture.directory.flush(kept)))
                    .hasCauseInstanceOf(RegistryUnavailableException.class);
            Map<DeviceId, CompletionStage<Optional<Device>>> found = new HashMap<>();
            IntStream.range(1_900, 2_100)
                    .forEach(i -> found.put(id(i), fixture.directory.find(id(i))));
            found.forEach(
                    (id, stage) -> {
                        if (unread.contains(id)) {
                            assertDamaged(stage);
                        } else {
                            assertThat(joined(stage)).isPresent();
                        }
                    });
        }

        assertLogged(lost);
        assertThat(integrity()).isEqualTo(before);
    }

    private void assertLogged(List<DeviceId> lost) {
        assertThat(errors())
                .filteredOn(line -> line.startsWith("registry is damaged"))
                .singleElement()
                .asString()
                .contains("docs/outages.md", "SQLITE_CORRUPT");
        assertThat(errors())
                .filteredOn(line -> line.startsWith("device states cannot be written"))
                .satisfies(
                        lines ->
                                assertThat(String.join(" ", lines))
                                        .contains(lost.stream().map(DeviceId::toString).toList()));
        assertThat(errors()).contains("device states are lost states=" + lost.size());
    }

    @Test
    void aDamagedPageIsFoundAfterTheStartThoughNobodyAsksForIt() throws Exception {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            importDevices(fixture);
        }
        settleFile();
        assertThat(damage(id(250))).isNotEmpty();

        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            await().atMost(PATIENCE).until(fixture.directory.registryWatch()::isDamaged);
            await().atMost(PATIENCE).until(() -> !errors().isEmpty());
        }

        assertThat(errors())
                .singleElement()
                .asString()
                .contains("registry cannot be checked, since it is damaged");
    }

    @Test
    void aPageThatWasDamagedBeforeTheStartKeepsBackItsDevicesOnly() throws Exception {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            importDevices(fixture);
        }
        // As a crash leaves them.
        execute("UPDATE device SET status = 1 WHERE device_key BETWEEN 'dev00200' AND 'dev00299'");
        settleFile();
        List<DeviceId> lost = damage(id(250));
        List<String> before = integrity();

        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            await().atMost(PATIENCE).until(fixture.directory.registryWatch()::isDamaged);

            Map<DeviceId, DeviceState> states = new HashMap<>();
            Optional<DeviceId> after = Optional.empty();
            for (int i = 0; i < DEVICES / 1_000 + 1; i++) {
                Map<DeviceId, DeviceState> page = fixture.registry.listStates(after, 1_000);
                states.putAll(page);
                after = page.keySet().stream().reduce((first, second) -> second).or(() -> last());
            }
            assertThat(states).hasSize(DEVICES - lost.size()).doesNotContainKeys(keys(lost));
            assertThat(states)
                    .hasEntrySatisfying(
                            id(199),
                            state -> assertThat(state.status()).isEqualTo(DeviceStatus.INACTIVE));
            assertThat(states)
                    .allSatisfy(
                            (id, state) ->
                                    assertThat(state.status()).isNotEqualTo(DeviceStatus.ONLINE));
            assertThat(states.values())
                    .filteredOn(state -> state.status() == DeviceStatus.OFFLINE)
                    .hasSizeGreaterThan(60);
            Device other = joined(fixture.signIn(id(201)));
            assertThat(joined(fixture.directory.flush(other)).status())
                    .isEqualTo(DeviceStatus.ONLINE);
            assertDamaged(fixture.signIn(id(250)));
        }

        assertThat(errors())
                .anyMatch(line -> line.startsWith("registry is damaged"))
                .anyMatch(
                        line ->
                                line.startsWith("devices cannot be taken offline")
                                        && line.contains("pk1/dev002"));
        assertThat(integrity()).isEqualTo(before);
    }

    private static Optional<DeviceId> last() {
        return Optional.of(id(99_999));
    }

    private static DeviceId[] keys(List<DeviceId> ids) {
        return ids.toArray(DeviceId[]::new);
    }

    @Test
    void aFileThatIsWholeIsFoundToBeSo() throws Exception {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(NEVER))) {
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    logged.list.stream()
                                            .anyMatch(
                                                    event ->
                                                            event.getFormattedMessage()
                                                                    .contains("no damage found")));

            assertThat(fixture.directory.registryWatch().isDamaged()).isFalse();
        }
    }

    @Test
    void aStateThatCannotBeWrittenKeepsBackNoOtherAndIsWrittenOnceItCanBe() throws Exception {
        try (DirectoryFixture fixture = new DirectoryFixture(folder, settings(SOON))) {
            importDevices(fixture);
            execute(
                    "CREATE TRIGGER no_more BEFORE UPDATE ON device WHEN NEW.device_key ="
                            + " 'dev00123' BEGIN SELECT RAISE(ABORT, 'no more'); END");
            List<DeviceId> online = IntStream.range(0, 300).mapToObj(i -> id(i)).toList();
            online.forEach(id -> joined(fixture.signIn(id)));
            await().atMost(PATIENCE).until(() -> !errors().isEmpty());
            await().atMost(PATIENCE).until(() -> fixture.directory.statesWaiting() == 1);

            Device kept = fixture.now(id(123));
            assertThatThrownBy(() -> joined(fixture.directory.flush(kept)))
                    .hasCauseInstanceOf(RegistryUnavailableException.class);
            assertThat(fixture.directory.registryWatch().isDamaged()).isFalse();
            assertThat(errors())
                    .singleElement()
                    .asString()
                    .endsWith("count=1 devices=[pk1/dev00123]");

            execute("DROP TRIGGER no_more");
            joined(fixture.directory.flush(kept));
            assertThat(fixture.stored(kept.id())).isEqualTo(kept);
            await().atMost(PATIENCE).until(() -> fixture.directory.statesWaiting() == 0);
        }
    }

    /** That is what the server says of a row whose page it cannot use. */
    @Test
    void whatPostgresqlSaysOfDamageIsNoticedToo() throws Exception {
        RegistrySettings given = TestDatabase.POSTGRESQL.settings(folder);
        RegistrySettings server =
                new RegistrySettings(
                        given.jdbcUrl(), given.username(), given.password(), 2, REGISTRY_TIMEOUT);
        try (DirectoryFixture fixture = new DirectoryFixture(server, folder, settings(SOON))) {
            DeviceId damaged = fixture.device("damaged");
            DeviceId whole = fixture.device("whole");
            try (Connection connection =
                            DriverManager.getConnection(server.jdbcUrl(), server.username(), "");
                    Statement statement = connection.createStatement()) {
                statement.execute(
                        """
                        CREATE FUNCTION damaged() RETURNS trigger AS $$ BEGIN
                          RAISE EXCEPTION 'invalid page in block 1' USING ERRCODE = 'XX001';
                        END $$ LANGUAGE plpgsql
                        """);
                statement.execute(
                        "CREATE TRIGGER damaged BEFORE UPDATE ON device FOR EACH ROW"
                                + " WHEN (NEW.device_key = 'damaged') EXECUTE FUNCTION damaged()");
            }
            joined(fixture.signIn(damaged));
            joined(fixture.signIn(whole));

            await().atMost(PATIENCE)
                    .until(() -> fixture.stored(whole).status() == DeviceStatus.ONLINE);
            await().atMost(PATIENCE).until(fixture.directory.registryWatch()::isDamaged);
            assertThat(fixture.directory.statesWaiting()).isEqualTo(1);
        }
    }
}
