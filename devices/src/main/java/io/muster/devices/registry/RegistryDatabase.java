package io.muster.devices.registry;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.registry.sqlite.SqliteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/**
 * The registry database, open and migrated; shared.
 *
 * <p>SQLite allows one writer at a time. Its writes therefore pass through a pool of one
 * connection, where they wait in line instead of failing as busy; readers have connections of their
 * own and, thanks to the write-ahead log, see the last commit without waiting. PostgreSQL has one
 * pool for both. Every write is durable when its call returns (SQLite: {@code synchronous=FULL}).
 */
public final class RegistryDatabase implements AutoCloseable {

    /** Of PostgreSQL: it chose this transaction to end a wait in a circle, and undid it. */
    private static final String DEADLOCK = "40P01";

    private static final int ATTEMPTS_MAX = 5;

    /** What {@code key_proof} holds; the text itself is no secret. */
    private static final Secret PROOF = Secret.of("muster registry");

    private static final String PROOF_OWNER = "key_proof";

    private final RegistrySettings settings;
    private final SecretCipher cipher;
    private final Rows rows;
    private final List<HikariDataSource> pools;
    private final Jdbi reader;
    private final Jdbi writer;
    private volatile FailureListener failures = isReading -> {};

    /** Told of statements that failed, whatever the reason; by any thread, and must not block. */
    @FunctionalInterface
    public interface FailureListener {
        /** A statement failed that reads only, or one that writes. */
        void failed(boolean isReading);
    }

    private RegistryDatabase(
            RegistrySettings settings,
            SecretCipher cipher,
            HikariDataSource reader,
            HikariDataSource writer) {
        this.settings = settings;
        this.cipher = cipher;
        this.rows = new Rows(cipher);
        this.pools = List.of(writer, reader);
        this.reader = jdbi(reader, settings.timeout());
        this.writer = jdbi(writer, settings.timeout());
    }

    /**
     * Opens the database and brings its tables up to date. A missing SQLite file is made, readable
     * by its owner only; one that is damaged is left as it is.
     *
     * @param cipher encrypts the secrets
     * @throws RegistryUnavailableException if it cannot be reached, made or migrated; of a file it
     *     says what to do
     * @throws SecretUnreadableException if its secrets were encrypted with another key
     */
    public static RegistryDatabase open(RegistrySettings settings, SecretCipher cipher) {
        try {
            return openUnexplained(settings, cipher);
        } catch (RegistryUnavailableException failed) {
            throw settings.isSqlite()
                    ? SqliteFile.explain(Path.of(settings.sqliteFile()), failed).orElse(failed)
                    : failed;
        }
    }

    private static RegistryDatabase openUnexplained(
            RegistrySettings settings, SecretCipher cipher) {
        RegistryDatabase database = connect(settings, cipher);
        try {
            new Migrations(settings).bringUpToDate(database.pools.get(0));
            database.proveKey();
            return database;
        } catch (RuntimeException failed) {
            database.close();
            throw failed;
        }
    }

    private static RegistryDatabase connect(RegistrySettings settings, SecretCipher cipher) {
        if (!settings.isSqlite()) {
            HikariDataSource pool = pool(postgresql(settings), settings);
            return new RegistryDatabase(settings, cipher, pool, pool);
        }
        createFile(Path.of(settings.sqliteFile()));
        HikariDataSource writer = pool(sqliteWriter(settings), settings);
        try {
            return new RegistryDatabase(
                    settings, cipher, pool(sqliteReader(settings), settings), writer);
        } catch (RuntimeException failed) {
            writer.close();
            throw failed;
        }
    }

    private static void createFile(Path file) {
        try {
            SqliteFile.requireWhole(file);
            OwnerOnly.createFolderOf(file);
            OwnerOnly.createFile(file);
        } catch (IOException failed) {
            throw new RegistryUnavailableException(
                    "registry file " + file + " cannot be made: " + failed, failed);
        }
    }

    private static HikariDataSource pool(HikariConfig config, RegistrySettings settings) {
        config.setJdbcUrl(settings.jdbcUrl());
        config.setConnectionTimeout(settings.timeout().toMillis());
        config.setValidationTimeout(settings.timeout().toMillis());
        config.setInitializationFailTimeout(settings.timeout().toMillis());
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException failed) {
            throw new RegistryUnavailableException(
                    "registry database cannot be opened: " + settings + why(failed), failed);
        }
    }

    /**
     * What the database itself said, which names the file that is none or the account that is
     * refused. Other exceptions are left out: they may quote the URL.
     */
    public static String why(Exception failed) {
        String innermost = "";
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                innermost = ": " + cause.getMessage();
            }
        }
        return innermost;
    }

    private static HikariConfig postgresql(RegistrySettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("registry");
        config.setUsername(settings.username());
        config.setPassword(settings.password());
        config.setMaximumPoolSize(settings.connectionsMax() + 1);
        String seconds = String.valueOf(secondsRoundedUp(settings.timeout()));
        config.addDataSourceProperty("connectTimeout", seconds);
        config.addDataSourceProperty("socketTimeout", seconds);
        return config;
    }

    private static HikariConfig sqliteWriter(RegistrySettings settings) {
        HikariConfig config = sqlite(settings);
        config.setPoolName("registry-writer");
        config.setMaximumPoolSize(1);
        // A transaction that reads first takes the write lock at once, so it cannot fail midway.
        config.addDataSourceProperty("transaction_mode", "IMMEDIATE");
        return config;
    }

    private static HikariConfig sqliteReader(RegistrySettings settings) {
        HikariConfig config = sqlite(settings);
        config.setPoolName("registry-reader");
        config.setMaximumPoolSize(settings.connectionsMax());
        config.setConnectionInitSql("PRAGMA query_only = ON");
        return config;
    }

    private static HikariConfig sqlite(RegistrySettings settings) {
        HikariConfig config = new HikariConfig();
        config.addDataSourceProperty("journal_mode", "WAL");
        config.addDataSourceProperty("synchronous", "FULL");
        config.addDataSourceProperty("foreign_keys", "true");
        config.addDataSourceProperty("busy_timeout", String.valueOf(settings.timeout().toMillis()));
        // The file does not change its shape under idle connections: keep them.
        config.setMaxLifetime(0);
        return config;
    }

    private static Jdbi jdbi(DataSource pool, Duration timeout) {
        Jdbi jdbi = Jdbi.create(pool);
        jdbi.getConfig(SqlStatements.class).setQueryTimeout(secondsRoundedUp(timeout));
        // Arguments hold password hashes, and messages end in logs.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
        return jdbi;
    }

    private static int secondsRoundedUp(Duration timeout) {
        return Math.toIntExact(timeout.plusMillis(999).toSeconds());
    }

    /** Finds out now, and not at the first sign-in, whether the key fits the secrets. */
    private void proveKey() {
        String proof = read("prove the key", RegistryDatabase::proof).orElseGet(this::writeProof);
        cipher.decrypt(proof, PROOF_OWNER);
    }

    /** Of two hubs that write one, both find the first. */
    private String writeProof() {
        return write(
                "prove the key",
                handle -> {
                    handle.createUpdate(
                                    "INSERT INTO key_proof (id, proof) VALUES (1, :proof)"
                                            + " ON CONFLICT (id) DO NOTHING")
                            .bind("proof", cipher.encrypt(PROOF, PROOF_OWNER))
                            .execute();
                    return proof(handle).orElseThrow();
                });
    }

    private static Optional<String> proof(Handle handle) {
        return handle.createQuery("SELECT proof FROM key_proof WHERE id = 1")
                .mapTo(String.class)
                .findOne();
    }

    /**
     * Runs a query.
     *
     * @param purpose completes the sentence "registry cannot ..."
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    public <T> T read(String purpose, HandleCallback<T, SQLException> query) {
        return run(purpose, true, () -> reader.withHandle(query));
    }

    /**
     * Runs a transaction, which is durable when this returns; again if the database undid it since
     * it and another one waited for each other's rows.
     *
     * @param purpose completes the sentence "registry cannot ..."
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    public <T> T write(String purpose, Function<Handle, T> transaction) {
        return run(
                purpose,
                false,
                () -> {
                    for (int attempt = 1; ; attempt++) {
                        try {
                            return writer.inTransaction(transaction::apply);
                        } catch (JdbiException failed) {
                            if (attempt == ATTEMPTS_MAX || !isDeadlock(failed)) {
                                throw failed;
                            }
                        }
                    }
                });
    }

    private static boolean isDeadlock(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && DEADLOCK.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private interface Statement<T> {
        T run() throws SQLException;
    }

    private <T> T run(String purpose, boolean isReading, Statement<T> statement) {
        try {
            return statement.run();
        } catch (JdbiException | SQLException failed) {
            failures.failed(isReading);
            throw new RegistryUnavailableException("registry cannot " + purpose, failed);
        }
    }

    /** Who is told of statements that fail from now on; the one before is not told any more. */
    public void onFailure(FailureListener listener) {
        failures = listener;
    }

    /**
     * Reads something small; blocks. That this fails is told to nobody else.
     *
     * @throws RegistryUnavailableException if it cannot be read
     */
    public void proveReadable() {
        prove("be read", () -> reader.withHandle(RegistryDatabase::proof));
    }

    /**
     * Writes something small, and takes it back; blocks. That this fails is told to nobody else.
     *
     * @throws RegistryUnavailableException if it cannot be written
     */
    public void proveWritable() {
        prove("be written", () -> writer.inTransaction(RegistryDatabase::writeAndTakeBack));
    }

    /** SQLite writes no page whose row is updated to what it is: that would prove nothing. */
    private static int writeAndTakeBack(Handle handle) {
        handle.execute(
                "INSERT INTO key_proof (id, proof) VALUES (2, '') ON CONFLICT (id) DO NOTHING");
        return handle.execute("DELETE FROM key_proof WHERE id = 2");
    }

    private static void prove(String operation, Statement<?> statement) {
        try {
            var unused = statement.run();
        } catch (JdbiException | SQLException failed) {
            throw new RegistryUnavailableException("registry cannot " + operation, failed);
        }
    }

    /** The longest that a call may wait. */
    public Duration timeout() {
        return settings.timeout();
    }

    /** The query timeout of statements made without JDBI. */
    int timeoutSeconds() {
        return secondsRoundedUp(settings.timeout());
    }

    RegistrySettings settings() {
        return settings;
    }

    /** Encrypts what is secret. */
    public SecretCipher cipher() {
        return cipher;
    }

    /** Reads the rows of this database. */
    public Rows rows() {
        return rows;
    }

    /**
     * Closes all connections; whoever asks afterwards gets {@link RegistryUnavailableException}.
     */
    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
    }
}
