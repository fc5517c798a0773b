package io.muster.devices.registry;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/** How the connections to a registry database are made; immutable. */
final class Connections {

    /** More would help few, and it is there only while something long is done. */
    private static final String APART_CACHE_KIB = "-65536";

    /** One that locks, and one that migrates. */
    private static final int FOR_MIGRATIONS = 3;

    /** As the driver of PostgreSQL understands it. */
    private static final Duration NO_LIMIT = Duration.ZERO;

    private final RegistrySettings settings;

    Connections(RegistrySettings settings) {
        this.settings = settings;
    }

    /** The pool of those who write; of PostgreSQL also of those who read. */
    HikariDataSource writers() {
        HikariConfig config = new HikariConfig();
        if (settings.isSqlite()) {
            config.setPoolName("registry-writer");
            config.setMaximumPoolSize(1);
            config.setDataSourceProperties(sqlite());
            // A transaction that reads first takes the write lock at once, so it cannot fail
            // midway.
            config.addDataSourceProperty("transaction_mode", "IMMEDIATE");
            // The file does not change its shape under idle connections: keep them.
            config.setMaxLifetime(0);
        } else {
            config.setPoolName("registry");
            config.setMaximumPoolSize(settings.connectionsMax() + 1);
            config.setDataSourceProperties(postgresql(settings.timeout()));
        }
        return pool(config);
    }

    /** The pool of those who read a file of SQLite. */
    HikariDataSource sqliteReaders() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("registry-reader");
        config.setMaximumPoolSize(settings.connectionsMax());
        config.setConnectionInitSql("PRAGMA query_only = ON");
        config.setDataSourceProperties(sqlite());
        config.setMaxLifetime(0);
        return pool(config);
    }

    /** Connections for what is done to a whole database of PostgreSQL, however long it takes. */
    HikariDataSource unhurried() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("registry-migration");
        config.setMaximumPoolSize(FOR_MIGRATIONS);
        config.setDataSourceProperties(postgresql(NO_LIMIT));
        return pool(config);
    }

    private HikariDataSource pool(HikariConfig config) {
        config.setJdbcUrl(settings.jdbcUrl());
        config.setConnectionTimeout(settings.timeout().toMillis());
        config.setValidationTimeout(settings.timeout().toMillis());
        config.setInitializationFailTimeout(settings.timeout().toMillis());
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException failed) {
            throw new RegistryUnavailableException(
                    "registry database cannot be opened: "
                            + settings
                            + RegistryDatabase.why(failed),
                    failed);
        }
    }

    /** What makes statements of a pool. */
    Jdbi jdbi(DataSource pool) {
        return jdbi(Jdbi.create(pool), settings.timeout());
    }

    /**
     * What makes connections of their own, one for each handle, for something that may take longer
     * than a call.
     *
     * @param limit the longest that a statement may take
     */
    Jdbi apart(Duration limit) {
        Properties properties = settings.isSqlite() ? sqlite() : postgresql(limit);
        if (settings.isSqlite()) {
            properties.setProperty("cache_size", APART_CACHE_KIB);
        }
        return jdbi(Jdbi.create(settings.jdbcUrl(), properties), limit);
    }

    private static Jdbi jdbi(Jdbi jdbi, Duration limit) {
        jdbi.getConfig(SqlStatements.class).setQueryTimeout(secondsRoundedUp(limit));
        // Arguments hold password hashes, and messages end in logs.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
        return jdbi;
    }

    private Properties postgresql(Duration limit) {
        Properties properties = new Properties();
        properties.setProperty("user", settings.username());
        properties.setProperty("password", settings.password());
        properties.setProperty(
                "connectTimeout", String.valueOf(secondsRoundedUp(settings.timeout())));
        properties.setProperty("socketTimeout", String.valueOf(secondsRoundedUp(limit)));
        // What the server says of a failed statement quotes its values, which may be secret.
        properties.setProperty("logServerErrorDetail", "false");
        return properties;
    }

    private Properties sqlite() {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("busy_timeout", String.valueOf(settings.timeout().toMillis()));
        return properties;
    }

    static int secondsRoundedUp(Duration timeout) {
        return Math.toIntExact(timeout.plusMillis(999).toSeconds());
    }
}
