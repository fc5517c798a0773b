package io.muster.devices.registry.applications;

import io.muster.devices.application.Application;
import io.muster.devices.registry.secret.SecretCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Turns rows of applications into accounts, and values into their columns; shared. */
final class ApplicationRows {

    private final SecretCipher cipher;

    ApplicationRows(SecretCipher cipher) {
        this.cipher = cipher;
    }

    /** An account out of its whole row. */
    Application application(ResultSet row) throws SQLException {
        String username = row.getString("username");
        String scramVerifier = row.getString("scram_verifier");
        return new Application(
                username,
                row.getString("password_hash"),
                scramVerifier == null
                        ? Optional.empty()
                        : Optional.of(cipher.decryptText(scramVerifier, owner(username))),
                Instant.ofEpochMilli(row.getLong("created_at")),
                new Application.Standing(
                        names(row.getString("roles")),
                        row.getInt("disabled") != 0,
                        row.getLong("revision")));
    }

    /** The names of roles as a column has them. */
    static String column(List<String> names) {
        return String.join(",", names);
    }

    private static List<String> names(String column) {
        return column.isEmpty() ? List.of() : List.of(column.split(",", -1));
    }

    /** The verifier as its column has it. */
    String encrypted(String username, String scramVerifier) {
        return cipher.encryptText(scramVerifier, owner(username));
    }

    /** The name under which an application's SCRAM verifier is encrypted. */
    private static String owner(String username) {
        return "application " + username;
    }
}
