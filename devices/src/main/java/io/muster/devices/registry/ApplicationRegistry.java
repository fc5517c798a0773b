package io.muster.devices.registry;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Application;
import io.muster.devices.RegistryUnavailableException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Application accounts as they stand in the database; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
public final class ApplicationRegistry {

    private static final int HASH_LENGTH_MAX = 1000;

    private final RegistryDatabase database;
    private final Clock clock;
    private final List<RegistryListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public ApplicationRegistry(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The listener is told of every account that is created from now on. */
    public void addListener(RegistryListener listener) {
        listeners.add(listener);
    }

    /**
     * Creates an account; it is durable when this returns.
     *
     * @param passwordHash the encoded hash, 1 to 1000 characters
     * @throws AlreadyExistsException if the user name is taken
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Application create(String username, String passwordHash) {
        if (passwordHash.isEmpty() || passwordHash.length() > HASH_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "passwordHash is not 1 to " + HASH_LENGTH_MAX + " characters");
        }
        Application application =
                new Application(
                        Application.requireUsername(username),
                        passwordHash,
                        Instant.ofEpochMilli(clock.millis()));
        if (!insert(application)) {
            throw new AlreadyExistsException("application '" + username + "' exists already");
        }
        listeners.forEach(listener -> listener.applicationCreated(application));
        return application;
    }

    private boolean insert(Application application) {
        return database.write(
                "create application " + application.username(),
                handle ->
                        handle.createUpdate(
                                                """
                                                INSERT INTO application (username, password_hash,
                                                  created_at)
                                                VALUES (:username, :passwordHash, :createdAt)
                                                ON CONFLICT (username) DO NOTHING
                                                """)
                                        .bind("username", application.username())
                                        .bind("passwordHash", application.passwordHash())
                                        .bind("createdAt", application.createdAt().toEpochMilli())
                                        .execute()
                                == 1);
    }

    /** The account, or empty if there is none with this user name. */
    public Optional<Application> find(String username) {
        return database.read(
                "find application",
                handle ->
                        handle.createQuery("SELECT * FROM application WHERE username = :username")
                                .bind("username", username)
                                .map((row, context) -> Rows.application(row))
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
                                .map((row, context) -> Rows.application(row))
                                .list());
    }
}
