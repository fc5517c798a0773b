package io.muster.devices.registry;

import com.zaxxer.hikari.HikariDataSource;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.registry.secret.OwnerOnly;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.secret.SecretUnreadableException;
import io.muster.devices.registry.sqlite.SqliteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

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

    /** Of PostgreSQL: a row, or an index, is not as it was written. */
    private static final Set<String> DAMAGE = Set.of("XX001", "XX002");

    private static final int ATTEMPTS_MAX = 5;

    /** A slow disk may need minutes for a file of many millions of devices. */
    private static final Duration CHECK_MAX = Duration.ofHours(1);

    /** What {@code key_proof} holds; the text itself is no secret. */
    private static final Secret PROOF = Secret.of("muster registry");

    private static final String PROOF_OWNER = "key_proof";

    private final RegistrySettings settings;
    private final SecretCipher cipher;
    private final Rows rows;
    private final Connections connections;
    private final List<HikariDataSource> pools;
    private final Jdbi reader;
    private final Jdbi writer;
    private volatile FailureListener failures = (isReading, failure) -> {};

    /** Told of statements that failed, whatever the reason; by any thread, and must not block. */
    @FunctionalInterface
    public interface FailureListener {
        /**
         * A statement failed that reads only, or one that writes.
         *
         * @param failure what whoever asked is told
         */
        void failed(boolean isReading, RegistryUnavailableException failure);
    }

    private RegistryDatabase(
            RegistrySettings settings,
            SecretCipher cipher,
            Connections connections,
            HikariDataSource reader,
            HikariDataSource writer) {
        this.settings = settings;
        this.cipher = cipher;
        this.rows = new Rows(cipher);
        this.pools = List.of(writer, reader);
        this.connections = connections;
        this.reader = connections.jdbi(reader);
        this.writer = connections.jdbi(writer);
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
            database.migrate();
            database.proveKey();
            return database;
        } catch (RuntimeException failed) {
            database.close();
            throw failed;
        }
    }

    /** A statement that goes through all rows may take longer than one of a running hub. */
    private void migrate() {
        Migrations migrations = new Migrations(settings);
        if (settings.isSqlite()) {
            migrations.bringUpToDate(pools.get(0));
            return;
        }
        try (HikariDataSource unhurried = connections.unhurried()) {
            migrations.bringUpToDate(unhurried);
        }
    }

    private static RegistryDatabase connect(RegistrySettings settings, SecretCipher cipher) {
        Connections connections = new Connections(settings);
        if (!settings.isSqlite()) {
            HikariDataSource pool = connections.writers();
            return new RegistryDatabase(settings, cipher, connections, pool, pool);
        }
        createFile(Path.of(settings.sqliteFile()));
        HikariDataSource writer = connections.writers();
        try {
            return new RegistryDatabase(
                    settings, cipher, connections, connections.sqliteReaders(), writer);
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
    public <T> T write(String purpose, HandleCallback<T, SQLException> transaction) {
        return run(purpose, false, () -> retried(() -> writer.inTransaction(transaction)));
    }

    private static <T> T retried(Attempt<T> transaction) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return transaction.run();
            } catch (JdbiException | SQLException failed) {
                if (attempt == ATTEMPTS_MAX || !isDeadlock(failed)) {
                    throw failed;
                }
            }
        }
    }

    /**
     * Does something that may take longer than a call, on a connection of its own, which no
     * transaction is begun on: nobody else waits for it, but for what it does {@link #inLine}.
     *
     * @param purpose completes the sentence "registry cannot ..."
     * @param limit the longest that a statement may take
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    <T> T apart(String purpose, Duration limit, HandleCallback<T, SQLException> work) {
        return run(purpose, false, () -> connections.apart(limit).withHandle(work));
    }

    /**
     * Runs a transaction on a connection that is {@link #apart}, as {@link #write} does: SQLite's
     * other writers wait in line meanwhile. It must write before it reads.
     */
    <T> T inLine(String purpose, Handle apart, HandleCallback<T, SQLException> transaction) {
        return run(
                purpose,
                false,
                settings.isSqlite()
                        ? () -> writer.withHandle(line -> apart.inTransaction(transaction))
                        : () -> retried(() -> apart.inTransaction(transaction)));
    }

    private static boolean isDeadlock(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && DEADLOCK.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private interface Attempt<T> {
        T run() throws SQLException;
    }

    private <T> T run(String purpose, boolean isReading, Attempt<T> statement) {
        try {
            return statement.run();
        } catch (JdbiException | SQLException failed) {
            RegistryUnavailableException failure = failure(purpose, failed);
            failures.failed(isReading, failure);
            throw failure;
        }
    }

    private static RegistryUnavailableException failure(String purpose, Exception failed) {
        boolean isDamage = isDamage(failed);
        return new RegistryUnavailableException(
                "registry cannot " + purpose + (isDamage ? ", since it is damaged" : ""),
                failed,
                isDamage);
    }

    private static boolean isDamage(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && (SqliteFile.isDamage(sql)
                            || DAMAGE.contains(String.valueOf(sql.getSQLState())))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Looks whether all pages of a file of SQLite are as they were written; blocks for as long as
     * that takes. PostgreSQL looks after its own.
     *
     * @param running is given what ends it early, by any thread, and then that it is over
     * @return whether it looked, and found none that is damaged
     * @throws RegistryUnavailableException if one is damaged, or it could not be looked at
     */
    public boolean check(Consumer<Optional<Runnable>> running) {
        return settings.isSqlite()
                && apart(
                        "be checked",
                        CHECK_MAX,
                        handle -> {
                            SqliteFile.check(handle.getConnection(), running);
                            return true;
                        });
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

    private static void prove(String operation, Attempt<?> statement) {
        try {
            var unused = statement.run();
        } catch (JdbiException | SQLException failed) {
            throw failure(operation, failed);
        }
    }

    /** The longest that a call may wait. */
    public Duration timeout() {
        return settings.timeout();
    }

    /** The query timeout of statements made without JDBI. */
    int timeoutSeconds() {
        return Connections.secondsRoundedUp(settings.timeout());
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
