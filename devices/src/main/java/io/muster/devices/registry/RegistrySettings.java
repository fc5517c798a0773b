package io.muster.devices.registry;

import java.time.Duration;

/**
 * Where the registry database is and how long to wait for it.
 *
 * @param jdbcUrl {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql:...}
 * @param username empty for SQLite
 * @param password empty for SQLite
 * @param connectionsMax reading connections; SQLite has one for writing besides
 * @param timeout longest wait for a connection or a statement, at least 250 ms
 */
public record RegistrySettings(
        String jdbcUrl, String username, String password, int connectionsMax, Duration timeout) {

    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final Duration TIMEOUT_MIN = Duration.ofMillis(250);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is wrong and what is allowed
     */
    public RegistrySettings {
        if (!jdbcUrl.startsWith(POSTGRESQL) && !isSqliteFile(jdbcUrl)) {
            throw new IllegalArgumentException(
                    "jdbcUrl is neither jdbc:sqlite:FILE nor jdbc:postgresql:...");
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException(
                    "connectionsMax " + connectionsMax + " is less than 1");
        }
        if (timeout.compareTo(TIMEOUT_MIN) < 0) {
            throw new IllegalArgumentException(
                    "timeout " + timeout.toMillis() + " ms is less than 250 ms");
        }
    }

    /** Options and in-memory databases are left out: every connection must see the same file. */
    private static boolean isSqliteFile(String jdbcUrl) {
        return jdbcUrl.startsWith(SQLITE)
                && jdbcUrl.length() > SQLITE.length()
                && !jdbcUrl.startsWith(SQLITE + ":")
                && !jdbcUrl.startsWith(SQLITE + "file:")
                && jdbcUrl.indexOf('?') < 0;
    }

    /** Whether the database is a file of SQLite. */
    public boolean isSqlite() {
        return jdbcUrl.startsWith(SQLITE);
    }

    /** The file of an SQLite database. */
    public String sqliteFile() {
        return jdbcUrl.substring(SQLITE.length());
    }

    /** What a person needs to find the database: no password, and no options of the URL. */
    @Override
    public String toString() {
        int options = jdbcUrl.indexOf('?');
        String place = options < 0 ? jdbcUrl : jdbcUrl.substring(0, options);
        return "RegistrySettings[jdbcUrl=" + place + ", username=" + username + "]";
    }
}
