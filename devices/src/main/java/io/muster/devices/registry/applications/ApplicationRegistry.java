package io.muster.devices.registry.applications;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.application.Application;
import io.muster.devices.application.Application.Standing;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.roles.Role;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Application accounts as they stand in the database; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
public final class ApplicationRegistry {

    private static final int HASH_LENGTH_MAX = 1000;
    private static final int VERIFIER_LENGTH_MAX = 300;

    private final RegistryDatabase database;
    private final ApplicationRows rows;
    private final Clock clock;
    private final List<RegistryListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public ApplicationRegistry(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.rows = new ApplicationRows(database.cipher());
        this.clock = clock;
    }

    /** The longest that the database lets a call wait. */
    public Duration timeout() {
        return database.timeout();
    }

    /** The listener is told of every account that is created or changed from now on. */
    public void addListener(RegistryListener listener) {
        listeners.add(listener);
    }

    /**
     * Creates an account; it is durable when this returns.
     *
     * @param passwordHash the encoded hash, 1 to 1000 characters
     * @param scramVerifier the encoded SCRAM verifier of the same password, 1 to 300 characters
     * @param roles the names of its roles
     * @throws AlreadyExistsException if the user name is taken
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Application create(
            String username,
            String passwordHash,
            Optional<String> scramVerifier,
            List<String> roles) {
        requirePassword(passwordHash, scramVerifier);
        long now = clock.millis();
        Application application =
                new Application(
                        Application.requireUsername(username),
                        passwordHash,
                        scramVerifier,
                        Instant.ofEpochMilli(now),
                        new Standing(Role.requireNames(roles), false, now));
        if (!insert(application)) {
            throw new AlreadyExistsException("application '" + username + "' exists already");
        }
        listeners.forEach(listener -> listener.applicationCreated(application));
        return application;
    }

    /** The same with the built-in role. */
    public Application create(
            String username, String passwordHash, Optional<String> scramVerifier) {
        return create(username, passwordHash, scramVerifier, List.of(Role.ALL_TOPICS.name()));
    }

    private static void requirePassword(String passwordHash, Optional<String> scramVerifier) {
        requireLength("passwordHash", passwordHash, HASH_LENGTH_MAX);
        scramVerifier.ifPresent(text -> requireLength("scramVerifier", text, VERIFIER_LENGTH_MAX));
    }

    private static void requireLength(String name, String text, int max) {
        if (text.isEmpty() || text.length() > max) {
            throw new IllegalArgumentException(name + " is not 1 to " + max + " characters");
        }
    }

    private boolean insert(Application application) {
        return database.write(
                "create application " + application.username(),
                handle -> {
                    requireRoles(handle, application.standing().roles());
                    return handle.createUpdate(
                                            """
                                            INSERT INTO application (username, password_hash,
                                              scram_verifier, created_at, roles, disabled, revision)
                                            VALUES (:username, :passwordHash, :scramVerifier,
                                              :createdAt, :roles, 0, :revision)
                                            ON CONFLICT (username) DO NOTHING
                                            """)
                                    .bind("username", application.username())
                                    .bind("passwordHash", application.passwordHash())
                                    .bind("scramVerifier", encrypted(application))
                                    .bind("createdAt", application.createdAt().toEpochMilli())
                                    .bind(
                                            "roles",
                                            ApplicationRows.column(application.standing().roles()))
                                    .bind("revision", application.standing().revision())
                                    .execute()
                            == 1;
                });
    }

    /** Their rows are locked by updates that change nothing, so that nobody deletes them now. */
    private static void requireRoles(Handle handle, List<String> names) {
        for (String name : new TreeSet<>(names)) {
            boolean isThere =
                    name.equals(Role.ALL_TOPICS.name())
                            || handle.createUpdate(
                                                    """
                                                    UPDATE application_role
                                                    SET revision = revision WHERE name = :name
                                                    """)
                                            .bind("name", name)
                                            .execute()
                                    == 1;
            if (!isThere) {
                throw new IllegalArgumentException("role '" + name + "' is unknown");
            }
        }
    }

    /**
     * Gives the account other roles, or bars it, or lets it in again. Whoever has sessions of it in
     * memory must be told; {@link RegistryListener}s are.
     *
     * @param roles empty to leave them as they are
     * @param isDisabled empty to leave it as it is
     * @param revision if given, the account must be at this revision
     * @throws NotFoundException if there is no such account
     * @throws RevisionConflictException if it is at another revision
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Application update(
            String username,
            Optional<List<String>> roles,
            Optional<Boolean> isDisabled,
            OptionalLong revision) {
        roles.ifPresent(Role::requireNames);
        return change(
                username,
                revision,
                handle -> {
                    roles.ifPresent(names -> requireRoles(handle, names));
                    return handle.createQuery(
                                    """
                                    UPDATE application SET roles = COALESCE(:roles, roles),
                                      disabled = COALESCE(:disabled, disabled),
                                      %s
                                    WHERE username = :username
                                    RETURNING *
                                    """
                                            .formatted(Revisions.NEXT))
                            .bind("roles", roles.map(ApplicationRows::column))
                            .bind("disabled", isDisabled.map(yes -> yes ? 1 : 0));
                });
    }

    /**
     * Gives the account another password; the one before is wrong from now on.
     *
     * @param passwordHash see {@link #create}
     * @param scramVerifier see {@link #create}
     * @param revision if given, the account must be at this revision
     * @throws NotFoundException if there is no such account
     * @throws RevisionConflictException if it is at another revision
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Application changePassword(
            String username,
            String passwordHash,
            Optional<String> scramVerifier,
            OptionalLong revision) {
        requirePassword(passwordHash, scramVerifier);
        return change(
                username,
                revision,
                handle ->
                        handle.createQuery(
                                        """
                                        UPDATE application SET password_hash = :passwordHash,
                                          scram_verifier = :scramVerifier,
                                          %s
                                        WHERE username = :username
                                        RETURNING *
                                        """
                                                .formatted(Revisions.NEXT))
                                .bind("passwordHash", passwordHash)
                                .bind(
                                        "scramVerifier",
                                        scramVerifier.map(text -> rows.encrypted(username, text))));
    }

    /** Listeners are told also if it is not known whether it was changed. */
    private Application change(
            String username, OptionalLong revision, Function<Handle, Query> update) {
        try {
            return database.write(
                    "change application " + username,
                    handle -> {
                        requireRevision(handle, username, revision);
                        return update.apply(handle)
                                .bind("username", username)
                                .bind("now", clock.millis())
                                .map((row, context) -> rows.application(row))
                                .one();
                    });
        } finally {
            listeners.forEach(listener -> listener.applicationChanged(username));
        }
    }

    private static void requireRevision(Handle handle, String username, OptionalLong revision) {
        long present =
                Revisions.ofAccount(handle, "application", username)
                        .orElseThrow(
                                () ->
                                        new NotFoundException(
                                                "application '" + username + "' is unknown"));
        Revisions.require("application '" + username + "'", revision, present);
    }

    /**
     * Deletes an account.
     *
     * @param revision if given, the account must be at this revision
     * @throws NotFoundException if there is no such account
     * @throws RevisionConflictException if it is at another revision
     */
    public void delete(String username, OptionalLong revision) {
        try {
            database.<Integer>write(
                    "delete application " + username,
                    handle -> {
                        requireRevision(handle, username, revision);
                        return handle.createUpdate(
                                        "DELETE FROM application WHERE username = :username")
                                .bind("username", username)
                                .execute();
                    });
        } finally {
            listeners.forEach(listener -> listener.applicationChanged(username));
        }
    }

    private @Nullable String encrypted(Application application) {
        return application
                .scramVerifier()
                .map(text -> rows.encrypted(application.username(), text))
                .orElse(null);
    }

    /**
     * Gives the account another SCRAM verifier; it is durable when this returns. Changes nothing if
     * the account is not there any more or has another password hash.
     *
     * @param application the account as it was found
     * @param scramVerifier made from the same password, 1 to 300 characters
     * @return whether the account has it now
     */
    public boolean storeScramVerifier(Application application, String scramVerifier) {
        requireLength("scramVerifier", scramVerifier, VERIFIER_LENGTH_MAX);
        String username = application.username();
        boolean stored =
                database.write(
                        "store the SCRAM verifier of application " + username,
                        handle ->
                                handle.createUpdate(
                                                        """
                                                        UPDATE application
                                                        SET scram_verifier = :scramVerifier
                                                        WHERE username = :username
                                                          AND password_hash = :passwordHash
                                                        """)
                                                .bind("username", username)
                                                .bind("passwordHash", application.passwordHash())
                                                .bind(
                                                        "scramVerifier",
                                                        rows.encrypted(username, scramVerifier))
                                                .execute()
                                        == 1);
        if (stored) {
            listeners.forEach(listener -> listener.applicationChanged(username));
        }
        return stored;
    }

    /**
     * As {@link #find}, after a change of the account that may be under way in the database: its
     * row is locked for a moment. Listeners are told, as it may have changed.
     */
    public Optional<Application> findSurely(String username) {
        Optional<Application> found =
                database.write(
                        "find application",
                        handle ->
                                handle.createQuery(
                                                """
                                                UPDATE application SET revision = revision
                                                WHERE username = :username RETURNING *
                                                """)
                                        .bind("username", username)
                                        .map((row, context) -> rows.application(row))
                                        .findOne());
        listeners.forEach(listener -> listener.applicationChanged(username));
        return found;
    }

    /** The account, or empty if there is none with this user name. */
    public Optional<Application> find(String username) {
        return database.read(
                "find application",
                handle ->
                        handle.createQuery("SELECT * FROM application WHERE username = :username")
                                .bind("username", username)
                                .map((row, context) -> rows.application(row))
                                .findOne());
    }

    /**
     * The accounts whose user names follow {@code after}, ordered by user name.
     *
     * @param after empty for the first page
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Application> list(String after, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "list applications",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM application WHERE username > :after
                                        ORDER BY username LIMIT :limit
                                        """)
                                .bind("after", after)
                                .bind("limit", limit)
                                .map((row, context) -> rows.application(row))
                                .list());
    }
}
