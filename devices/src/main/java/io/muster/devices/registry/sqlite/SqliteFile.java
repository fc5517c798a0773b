package io.muster.devices.registry.sqlite;

import io.muster.devices.RegistryUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Says what is wrong with the file of a registry, and what to do; shared, without state. SQLite
 * itself would take what is left of a lost registry for a new one, and make all devices unknown.
 */
public final class SqliteFile {

    private static final Logger log = LoggerFactory.getLogger(SqliteFile.class);

    private SqliteFile() {}

    /**
     * Lets a file pass that is a database, or not there at all.
     *
     * @throws RegistryUnavailableException if it is what is left of one
     * @throws IOException if it cannot be looked at
     */
    public static void requireWhole(Path file) throws IOException {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        boolean isThere = Files.exists(file);
        if (isThere && Files.isRegularFile(file) && Files.size(file) == 0) {
            throw new RegistryUnavailableException(
                    "registry file %s is empty; put a backup of it in its place, or delete it if it never was a registry"
                            .formatted(file));
        }
        if (!isThere && Files.exists(log) && Files.size(log) > 0) {
            throw new RegistryUnavailableException(
                    "registry file %s is missing, but %s is there; put %s back, or a backup of it in the place of both"
                            .formatted(file, log, file.getFileName()));
        }
    }

    /**
     * What to tell a person about a file that could not be opened.
     *
     * @param failed what the database said, or what was caused by it
     * @return empty if that does not come from the file
     */
    public static Optional<RegistryUnavailableException> explain(Path file, Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLiteException said) {
                return advice(said.getResultCode())
                        .map(
                                advice ->
                                        new RegistryUnavailableException(
                                                "registry file %s %s (%s)"
                                                        .formatted(file, advice, said.getMessage()),
                                                failed));
            }
        }
        return Optional.empty();
    }

    /** Whether that was said of a page, or a file, that is not as SQLite wrote it. */
    public static boolean isDamage(SQLException failed) {
        return failed instanceof SQLiteException said && isDamage(kind(said.getResultCode()));
    }

    private static boolean isDamage(int kind) {
        return kind == SQLiteErrorCode.SQLITE_CORRUPT.code
                || kind == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    /** The lower byte is the kind of error, the others say more about it. */
    private static int kind(SQLiteErrorCode code) {
        return code.code & 0xFF;
    }

    /**
     * Goes through all pages of a file, for a second or so for every million devices; others read
     * and write meanwhile.
     *
     * @param running is given what ends it early, by any thread, and then that it is over
     * @throws SQLException if it was ended early, or a page is damaged: then {@link #isDamage}
     */
    public static void check(Connection file, Consumer<Optional<Runnable>> running)
            throws SQLException {
        try (Statement statement = file.createStatement()) {
            running.accept(Optional.of(() -> cancel(statement)));
            requireOk(statement);
        } finally {
            running.accept(Optional.empty());
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException failed) {
            log.debug("file is checked to its end", failed);
        }
    }

    private static void requireOk(Statement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery("PRAGMA quick_check(1)")) {
            String first = found.next() ? found.getString(1) : "no answer";
            if (!first.equals("ok")) {
                throw new SQLiteException(first, SQLiteErrorCode.SQLITE_CORRUPT);
            }
        }
    }

    private static Optional<String> advice(SQLiteErrorCode code) {
        int kind = kind(code);
        if (isDamage(kind)) {
            return Optional.of(
                    "is damaged and was left as it is; move it aside together with those that end"
                            + " in -wal and -shm, put a backup in its place, and start again");
        }
        if (kind == SQLiteErrorCode.SQLITE_READONLY.code
                || kind == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || kind == SQLiteErrorCode.SQLITE_PERM.code) {
            return Optional.of(
                    "cannot be written; let the hub's user write to it, to those that end in -wal"
                            + " and -shm, and to their folder");
        }
        if (kind == SQLiteErrorCode.SQLITE_FULL.code) {
            return Optional.of("cannot grow; make room on its disk");
        }
        return Optional.empty();
    }
}
