package io.muster.devices.registry;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Application;
import io.muster.devices.RegistryUnavailableException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Application accounts as they stand in the database; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
public final class ApplicationRegistry {

    private static final int HASH_LENGTH_MAX = 1000;
    private static final int VERIFIER_LENGTH_MAX = 300;

    private final RegistryDatabase database;
    private final Rows rows;
    private final Clock clock;
    private final List<RegistryListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public ApplicationRegistry(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.rows = new Rows(database.cipher());
        this.clock = clock;
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
     * @throws AlreadyExistsException if the user name is taken
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed
     */
    public Application create(
            String username, String passwordHash, Optional<String> scramVerifier) {
        requireLength("passwordHash", passwordHash, HASH_LENGTH_MAX);
        scramVerifier.ifPresent(text -> requireLength("scramVerifier", text, VERIFIER_LENGTH_MAX));
        Application application =
                new Application(
                        Application.requireUsername(username),
                        passwordHash,
                        scramVerifier,
                        Instant.ofEpochMilli(clock.millis()));
        if (!insert(application)) {
            throw new AlreadyExistsException("application '" + username + "' exists already");
        }
        listeners.forEach(listener -> listener.applicationCreated(application));
        return application;
    }

    private static void requireLength(String name, String text, int max) {
        if (text.isEmpty() || text.length() > max) {
            throw new IllegalArgumentException(name + " is not 1 to " + max + " characters");
        }
    }

    private boolean insert(Application application) {
        return database.write(
                "create application " + application.username(),
                handle ->
                        handle.createUpdate(
                                                """
                                                INSERT INTO application (username, password_hash,
                                                  scram_verifier, created_at)
                                                VALUES (:username, :passwordHash, :scramVerifier,
                                                  :createdAt)
                                                ON CONFLICT (username) DO NOTHING
                                                """)
                                        .bind("username", application.username())
                                        .bind("passwordHash", application.passwordHash())
                                        .bind("scramVerifier", encrypted(application))
                                        .bind("createdAt", application.createdAt().toEpochMilli())
                                        .execute()
                                == 1);
    }

    private @Nullable String encrypted(Application application) {
        return application
                .scramVerifier()
                .map(text -> encrypted(application.username(), text))
                .orElse(null);
    }

    private String encrypted(String username, String scramVerifier) {
        return database.cipher().encryptText(scramVerifier, Rows.applicationOwner(username));
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
                                                        encrypted(username, scramVerifier))
                                                .execute()
                                        == 1);
        if (stored) {
            listeners.forEach(listener -> listener.applicationChanged(username));
        }
        return stored;
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
