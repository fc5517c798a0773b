package io.muster.devices.registry;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.schema.AssetIdMigration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.migration.JavaMigration;

/**
 * Brings the tables of the registry up to date.
 *
 * <p>An SQLite file says in its header, as its {@code user_version}, which schema it has. If that
 * is this hub's there is nothing to do, and Flyway, which takes a good part of a start to find that
 * out, is not asked.
 */
final class Migrations {

    /** The version of the last migration. */
    static final int SCHEMA_VERSION = 16;

    /** What an up-to-date file says: no other program's number is likely to be this. */
    static final int USER_VERSION = 0x4D75_0000 + SCHEMA_VERSION;

    /** Where the migrations are that are SQL. */
    static final String FOLDER = "io/muster/devices/registry/migrations";

    /** Those that are not. */
    static List<JavaMigration> inJava() {
        return List.of(new AssetIdMigration());
    }

    private final RegistrySettings settings;

    Migrations(RegistrySettings settings) {
        this.settings = settings;
    }

    /**
     * Runs the migrations that {@code pool}'s database lacks. One of a newer hub is left as it is.
     *
     * @throws RegistryUnavailableException if it cannot be migrated
     */
    void bringUpToDate(DataSource pool) {
        try {
            if (settings.isSqlite()) {
                migrateFile(pool);
            } else {
                migrate(pool);
            }
        } catch (FlywayException | SQLException failed) {
            throw new RegistryUnavailableException(
                    "registry database cannot be migrated: "
                            + settings
                            + RegistryDatabase.why(failed),
                    failed);
        }
    }

    private void migrateFile(DataSource pool) throws SQLException {
        int found = userVersion(pool);
        if (found != USER_VERSION) {
            migrate(pool);
        }
        if (found < USER_VERSION) {
            setUserVersion(pool);
        }
    }

    private void migrate(DataSource pool) {
        Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(pool)
                .locations("classpath:" + FOLDER)
                .placeholders(Map.of("bytes", settings.isSqlite() ? "BINARY" : "\"C\""))
                .javaMigrations(inJava().toArray(JavaMigration[]::new))
                .loggers("slf4j")
                .load()
                .migrate();
    }

    private static int userVersion(DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.getInt(1);
        }
    }

    private static void setUserVersion(DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = " + USER_VERSION);
        }
    }
}
