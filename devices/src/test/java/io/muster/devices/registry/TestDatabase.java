package io.muster.devices.registry;

import io.muster.devices.registry.secret.SecretCipher;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The databases that every registry test runs on.
 *
 * <p>PostgreSQL is the one that {@code MUSTER_TEST_POSTGRES} names (a JDBC URL with user and
 * password), or else an embedded one. If neither runs here, its tests are skipped and say why, or
 * fail if {@code TESTS_REQUIRE_POSTGRES} is 1.
 */
public enum TestDatabase {
    /** A fresh file. */
    SQLITE {
        @Override
        public RegistrySettings settings(Path folder) {
            return new RegistrySettings(
                    "jdbc:sqlite:" + folder.resolve("registry.db"), "", "", 2, TIMEOUT);
        }
    },
    /** A fresh schema on one server. */
    POSTGRESQL {
        @Override
        public RegistrySettings settings(Path folder) {
            String server = Server.url();
            String schema = "test_" + UUID.randomUUID().toString().replace("-", "");
            try (Connection connection = DriverManager.getConnection(server);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE SCHEMA " + schema);
            } catch (SQLException failed) {
                throw new IllegalStateException(failed);
            }
            String url = server + (server.contains("?") ? "&" : "?") + "currentSchema=" + schema;
            return new RegistrySettings(url, "postgres", "", 2, TIMEOUT);
        }
    };

    /** Long enough for a busy machine, short enough to wait for in a test. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Settings of a database that nobody has used yet. */
    public abstract RegistrySettings settings(Path folder);

    /**
     * To be thrown, ends the test since PostgreSQL does not run here: an embedded one needs a user
     * who is not root, or user namespaces.
     */
    static RuntimeException noPostgres(String reason) {
        String message = "no PostgreSQL here: " + reason;
        if ("1".equals(System.getenv("TESTS_REQUIRE_POSTGRES"))) {
            return new IllegalStateException(message);
        }
        return Assumptions.abort(message);
    }

    /** Opens a database that nobody has used yet, with a new key in {@code folder}. */
    public RegistryDatabase open(Path folder) throws IOException {
        return RegistryDatabase.open(settings(folder), SecretCipher.load(folder.resolve("key")));
    }

    private static final class Server {

        private static @Nullable String url;
        private static @Nullable String reason;

        static synchronized String url() {
            if (url == null && reason == null) {
                start();
            }
            if (url == null) {
                throw noPostgres(String.valueOf(reason));
            }
            return url;
        }

        private static void start() {
            String given = System.getenv("MUSTER_TEST_POSTGRES");
            if (given != null) {
                url = given;
                return;
            }
            try {
                EmbeddedPostgres server = EmbeddedPostgres.start();
                url = server.getJdbcUrl("postgres", "postgres");
            } catch (IOException | RuntimeException failed) {
                reason = failed.toString();
            }
        }
    }
}
