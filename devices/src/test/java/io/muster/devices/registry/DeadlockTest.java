package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.devices.details.UnwrittenState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only PostgreSQL has transactions that wait for each other's rows. */
class DeadlockTest {

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean isWaiting(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet waiting =
                        statement.executeQuery(
                                "SELECT COUNT(*) FROM pg_stat_activity"
                                        + " WHERE wait_event_type = 'Lock'"
                                        + " AND query LIKE '%UPDATE device%'")) {
            return waiting.next() && waiting.getInt(1) > 0;
        }
    }

    /** The other one, such as the deletion of many devices, goes through the rows backwards. */
    @Test
    void statesAreWrittenAlthoughAnotherTransactionTakesTheRowsInAnotherOrder(@TempDir Path folder)
            throws Exception {
        try (RegistryDatabase database = TestDatabase.POSTGRESQL.open(folder);
                Connection other =
                        DriverManager.getConnection(
                                database.settings().jdbcUrl(), "postgres", "")) {
            DeviceRegistry registry = new DeviceRegistry(database, Clock.systemUTC());
            registry.products().create(Optional.of("pk1"), settings -> settings);
            List<UnwrittenState> states =
                    List.of("a", "b").stream()
                            .map(key -> registry.createDevice("pk1", Optional.of(key)))
                            .map(device -> device.withVersion(device.state().version() + 1))
                            .map(UnwrittenState::of)
                            .toList();
            other.setAutoCommit(false);
            execute(other, "UPDATE device SET status = status WHERE device_key = 'b'");
            CompletableFuture<Integer> written =
                    CompletableFuture.supplyAsync(() -> registry.writeStates(states));
            await().until(() -> isWaiting(other));

            execute(other, "UPDATE device SET status = status WHERE device_key = 'a'");
            other.commit();

            assertThat(written.get()).isEqualTo(2);
        }
    }
}
