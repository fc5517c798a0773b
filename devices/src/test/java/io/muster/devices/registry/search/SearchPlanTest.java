package io.muster.devices.registry.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceStatus;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.search.DeviceSearch.Tag;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** By which indexes SQLite goes: each search begins at its position, and nothing is read before. */
class SearchPlanTest {

    private static final Optional<DeviceStatus> ONLINE = Optional.of(DeviceStatus.ONLINE);
    private static final Optional<DeviceStatus> ANY = Optional.empty();
    private static final Tag TAG = new Tag("hall", "3");
    private static final Tag OTHER = new Tag("line", "a");

    private RegistryDatabase database;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        database =
                RegistryDatabase.open(
                        TestDatabase.SQLITE.settings(folder),
                        SecretCipher.load(folder.resolve("key")));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static DeviceSearch search(
            Optional<DeviceStatus> status, String key, String name, Tag... tags) {
        return new DeviceSearch(Optional.of("pk"), status, key, name, List.of(tags));
    }

    static Stream<Arguments> searches() {
        String keys = "d USING INDEX sqlite_autoindex_device_1 (product_key=? AND device_key>?";
        String states = "d USING INDEX device_status (status=? AND product_key=? AND device_key>?";
        String names = "d USING INDEX device_name (product_key=? AND ";
        String tags =
                "v USING INDEX device_tag (product_key=? AND name=? AND <expr>=? AND device_key>?";
        return Stream.of(
                Arguments.of(search(ANY, "", ""), keys),
                Arguments.of(search(ANY, "a", ""), keys),
                Arguments.of(search(ONLINE, "", ""), states),
                Arguments.of(search(ONLINE, "a", ""), states),
                Arguments.of(search(ANY, "", "n"), names),
                Arguments.of(search(ONLINE, "a", "n", TAG, OTHER), names),
                Arguments.of(search(ANY, "", "", TAG), tags),
                Arguments.of(search(ONLINE, "a", "", TAG, OTHER), tags));
    }

    @ParameterizedTest
    @MethodSource("searches")
    void anIndexLeadsFromThePositionOn(DeviceSearch search, String index) {
        for (Position from : List.of(Position.before("pk"), new Position("pk", "k", "n"))) {
            List<String> plan = plan(search, from);

            assertThat(plan).anySatisfy(step -> assertThat(step).contains("SEARCH " + index));
            assertThat(plan)
                    .allSatisfy(
                            step ->
                                    assertThat(step)
                                            .doesNotContain("SCAN d")
                                            .doesNotContain("SCAN v")
                                            .doesNotContain("SCAN t "));
            if (!index.startsWith("v")) {
                assertThat(plan).noneSatisfy(step -> assertThat(step).contains("TEMP B-TREE"));
            }
        }
    }

    @Test
    void aPositionIsTheBeginningOfANameAndNotAFilterBehindIt() {
        assertThat(plan(search(ANY, "", "n"), Position.before("pk")))
                .anySatisfy(step -> assertThat(step).contains("name>? AND name<?"));
        assertThat(plan(search(ANY, "", "n"), new Position("pk", "k", "n1")))
                .anySatisfy(step -> assertThat(step).contains("(name,device_key)>(?,?)"));
    }

    @Test
    void devicesThatAreOnlineAfterACrashAreFoundByTheirState() {
        assertThat(explain("UPDATE device SET since = 1 WHERE status = 1"))
                .anySatisfy(step -> assertThat(step).contains("device_status (status=?"));
        assertThat(explain("SELECT status, COUNT(*) FROM device GROUP BY status"))
                .anySatisfy(step -> assertThat(step).contains("COVERING INDEX device_status"));
    }

    private List<String> explain(String sql) {
        return database.read(
                "explain",
                handle ->
                        handle.createQuery("EXPLAIN QUERY PLAN " + sql)
                                .map((row, context) -> row.getString("detail"))
                                .list());
    }

    private List<String> plan(DeviceSearch search, Position from) {
        SearchPlan.Statement statement = SearchPlan.of(search, from);
        return database.read(
                "explain",
                handle ->
                        handle.createQuery("EXPLAIN QUERY PLAN " + statement.sql())
                                .bindMap(statement.arguments())
                                .bind("limit", 10)
                                .map((row, context) -> row.getString("detail"))
                                .list());
    }
}
