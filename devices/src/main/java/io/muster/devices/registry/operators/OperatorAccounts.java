package io.muster.devices.registry.operators;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.revision.Revisions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The accounts of those who manage the hub, as they stand in the database; shared. Every method
 * blocks and throws {@link RegistryUnavailableException} when the database cannot be asked.
 */
public final class OperatorAccounts {

    private final RegistryDatabase database;
    private final Clock clock;

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public OperatorAccounts(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Creates an account; it is durable when this returns.
     *
     * @throws AlreadyExistsException if the user name is taken
     * @throws IllegalArgumentException if the user name is none
     */
    public OperatorAccount create(String username, String passwordHash, Role role) {
        long now = clock.millis();
        OperatorAccount account =
                new OperatorAccount(
                        Application.requireUsername(username),
                        passwordHash,
                        role,
                        false,
                        now,
                        Instant.ofEpochMilli(now),
                        Optional.empty());
        boolean created =
                database.write(
                        "create account " + username,
                        handle ->
                                handle.createUpdate(
                                                        """
                                                        INSERT INTO operator_account (username,
                                                          password_hash, role, disabled, created_at,
                                                          revision)
                                                        VALUES (:username, :passwordHash, :role, 0,
                                                          :createdAt, :createdAt)
                                                        ON CONFLICT (username) DO NOTHING
                                                        """)
                                                .bind("username", username)
                                                .bind("passwordHash", passwordHash)
                                                .bind("role", role.code())
                                                .bind(
                                                        "createdAt",
                                                        account.createdAt().toEpochMilli())
                                                .execute()
                                        == 1);
        if (!created) {
            throw new AlreadyExistsException("account '" + username + "' exists already");
        }
        return account;
    }

    /**
     * Changes an account; that is durable when this returns.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is none with this user name
     * @throws RevisionConflictException if it is at another revision
     */
    public OperatorAccount change(
            String username, OperatorAccount.Change change, OptionalLong expected) {
        return database.write(
                "change account " + username,
                handle -> {
                    requireRevision(handle, username, expected);
                    return handle.createQuery(
                                    """
                                    UPDATE operator_account SET
                                      password_hash = COALESCE(:passwordHash, password_hash),
                                      role = COALESCE(:role, role),
                                      disabled = COALESCE(:disabled, disabled),
                                      %s
                                    WHERE username = :username
                                    RETURNING *
                                    """
                                            .formatted(Revisions.NEXT))
                            .bind("username", username)
                            .bind("passwordHash", change.passwordHash())
                            .bind("role", change.role().map(Role::code))
                            .bind("disabled", change.disabled().map(on -> on ? 1 : 0))
                            .bind("now", clock.millis())
                            .map((row, context) -> account(row))
                            .one();
                });
    }

    private static void requireRevision(Handle handle, String username, OptionalLong expected) {
        long present =
                Revisions.ofAccount(handle, "operator_account", username)
                        .orElseThrow(
                                () ->
                                        new NotFoundException(
                                                "there is no account '" + username + "'"));
        Revisions.require("account '" + username + "'", expected, present);
    }

    /**
     * Deletes an account; it is gone for good when this returns.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is none with this user name
     * @throws RevisionConflictException if it is at another revision
     */
    public void delete(String username, OptionalLong expected) {
        database.<Integer>write(
                "delete account " + username,
                handle -> {
                    requireRevision(handle, username, expected);
                    return handle.createUpdate(
                                    "DELETE FROM operator_account WHERE username = :username")
                            .bind("username", username)
                            .execute();
                });
    }

    /** The account was used just now. */
    public void touch(String username) {
        long now = clock.millis();
        database.<Integer>write(
                "note the use of account " + username,
                handle ->
                        handle.createUpdate(
                                        "UPDATE operator_account SET last_used_at = :now"
                                                + " WHERE username = :username")
                                .bind("now", now)
                                .bind("username", username)
                                .execute());
    }

    /** The account, or empty if there is none with this user name. */
    public Optional<OperatorAccount> find(String username) {
        return database.read(
                "find account",
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM operator_account WHERE username = :username")
                                .bind("username", username)
                                .map((row, context) -> account(row))
                                .findOne());
    }

    /**
     * The accounts whose user names follow {@code after}, ordered by user name.
     *
     * @param after empty for the first page
     * @param limit at most so many
     */
    public List<OperatorAccount> list(String after, int limit) {
        return database.read(
                "list accounts",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM operator_account WHERE username > :after
                                        ORDER BY username LIMIT :limit
                                        """)
                                .bind("after", after)
                                .bind("limit", limit)
                                .map((row, context) -> account(row))
                                .list());
    }

    private static OperatorAccount account(ResultSet row) throws SQLException {
        return new OperatorAccount(
                row.getString("username"),
                row.getString("password_hash"),
                Role.ofCode(row.getInt("role")),
                row.getInt("disabled") != 0,
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                lastUsed(row));
    }

    static Optional<Instant> lastUsed(ResultSet row) throws SQLException {
        long millis = row.getLong("last_used_at");
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
