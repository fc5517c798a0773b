package io.muster.devices.registry;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server of one test, which is stopped and comes back with its data on its port. */
public final class PostgresServer implements AutoCloseable {

    private final Path data;
    private final int port;
    private @Nullable EmbeddedPostgres running;

    private PostgresServer(Path data, EmbeddedPostgres running) {
        this.data = data;
        this.port = running.getPort();
        this.running = running;
    }

    /** Starts one, with its data in {@code folder}; ends the test where none runs. */
    public static PostgresServer start(Path folder) {
        Path data = folder.resolve("postgresql");
        try {
            return new PostgresServer(data, builder(data).start());
        } catch (IOException | RuntimeException failed) {
            throw TestDatabase.noPostgres(failed.toString());
        }
    }

    private static EmbeddedPostgres.Builder builder(Path data) {
        return EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false);
    }

    /** Settings of a new schema, which waits for nothing longer than {@code timeout}. */
    public RegistrySettings settings(Duration timeout) {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        String schema = "test_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        return new RegistrySettings(url + "?currentSchema=" + schema, "postgres", "", 2, timeout);
    }

    /** Ends the server, and all connections to it. */
    public void stop() {
        try {
            if (running != null) {
                running.close();
            }
            running = null;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Brings it back, if it is not there. */
    public void startAgain() {
        if (running != null) {
            return;
        }
        try {
            running = builder(data).setPort(port).start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
