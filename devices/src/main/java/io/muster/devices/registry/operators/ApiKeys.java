package io.muster.devices.registry.operators;

import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.GeneratedKey;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.Rows;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.registry.secret.SecretCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * API keys, as they stand in the database; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 *
 * <p>Their secrets are encrypted ({@link SecretCipher}) and not hashed, as those of devices are:
 * who signs a request proves the secret without sending it, so that it must be known here. A copied
 * database alone gives nothing away.
 */
public final class ApiKeys {

    private static final int ID_LENGTH = 16;
    private static final int NAME_LENGTH_MAX = 100;

    private final RegistryDatabase database;
    private final Clock clock;

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public ApiKeys(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Creates a key with an identifier and a secret that are made up; it is durable when this
     * returns.
     *
     * @throws IllegalArgumentException if the name is not 1 to 100 characters
     */
    public ApiKey create(String name, Role role, ApiKey.Expiry expiry) {
        long now = clock.millis();
        ApiKey key =
                new ApiKey(
                        GeneratedKey.ofLength(ID_LENGTH),
                        requireName(name),
                        RotatingSecret.of(Secret.generate()),
                        new ApiKey.Standing(role, false, expiry.at(), now),
                        Instant.ofEpochMilli(now),
                        Optional.empty());
        database.<Integer>write(
                "create API key " + key.id(),
                handle ->
                        handle.createUpdate(
                                        """
                                        INSERT INTO api_key (id, name, secret, role, disabled,
                                          created_at, expires_at, revision)
                                        VALUES (:id, :name, :secret, :role, 0,
                                          :createdAt, :expiresAt, :createdAt)
                                        """)
                                .bind("id", key.id())
                                .bind("name", name)
                                .bind(
                                        "secret",
                                        database.cipher().encrypt(key.secret(), owner(key.id())))
                                .bind("role", role.code())
                                .bind("createdAt", key.createdAt().toEpochMilli())
                                .bind("expiresAt", expiry.millis())
                                .execute());
        return key;
    }

    private static String requireName(String name) {
        int length = name.codePointCount(0, name.length());
        if (length < 1
                || length > NAME_LENGTH_MAX
                || name.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "name is not 1 to " + NAME_LENGTH_MAX + " characters, none of control");
        }
        return name;
    }

    /** The name under which a key's secret is encrypted. */
    private static String owner(String id) {
        return "api key " + id;
    }

    /**
     * Changes a key; that is durable when this returns.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is none with this identifier
     * @throws RevisionConflictException if it is at another revision
     * @throws IllegalArgumentException if the name is not 1 to 100 characters
     */
    public ApiKey change(String id, ApiKey.Change change, OptionalLong expected) {
        change.name().ifPresent(ApiKeys::requireName);
        return database.write(
                "change API key " + id,
                handle -> {
                    var unused = locked(handle, id, expected);
                    return handle.createQuery(
                                    """
                                    UPDATE api_key SET name = COALESCE(:name, name),
                                      role = COALESCE(:role, role),
                                      disabled = COALESCE(:disabled, disabled),
                                      expires_at = COALESCE(:expiresAt, expires_at),
                                      %s
                                    WHERE id = :id
                                    RETURNING *
                                    """
                                            .formatted(Revisions.NEXT))
                            .bind("id", id)
                            .bind("name", change.name())
                            .bind("role", change.role().map(Role::code))
                            .bind("disabled", change.disabled().map(on -> on ? 1 : 0))
                            .bind("expiresAt", change.expiry().map(ApiKey.Expiry::millis))
                            .bind("now", clock.millis())
                            .map((row, context) -> key(row))
                            .one();
                });
    }

    /** The key, with its row locked by an update that changes nothing. */
    private ApiKey locked(Handle handle, String id, OptionalLong expected) {
        ApiKey present =
                handle.createQuery(
                                "UPDATE api_key SET revision = revision WHERE id = :id RETURNING *")
                        .bind("id", id)
                        .map((row, context) -> key(row))
                        .findOne()
                        .orElseThrow(() -> notFound(id));
        Revisions.require("API key '" + id + "'", expected, present.standing().revision());
        return present;
    }

    /**
     * Gives a key a new secret; that is durable when this returns.
     *
     * @param overlap how long the secret before stays good, 0 to 30 days; one that was before it
     *     ends at once
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is none with this identifier
     * @throws RevisionConflictException if it is at another revision
     * @throws IllegalArgumentException saying what is allowed, if the overlap is not
     */
    public ApiKey rotateSecret(String id, Duration overlap, OptionalLong expected) {
        RotatingSecret.requireOverlap(overlap);
        Secret next = Secret.generate();
        return database.write(
                "change the secret of API key " + id,
                handle -> {
                    Secret before = locked(handle, id, expected).secret();
                    boolean overlaps = !overlap.isZero();
                    long now = clock.millis();
                    return handle.createQuery(
                                    """
                                    UPDATE api_key SET secret = :next, previous_secret = :previous,
                                      previous_secret_until = :until,
                                      %s
                                    WHERE id = :id
                                    RETURNING *
                                    """
                                            .formatted(Revisions.NEXT))
                            .bind("id", id)
                            .bind("next", database.cipher().encrypt(next, owner(id)))
                            .bind("previous", overlaps ? sealedPrevious(id, before) : null)
                            .bind("until", overlaps ? now + overlap.toMillis() : null)
                            .bind("now", now)
                            .map((row, context) -> key(row))
                            .one();
                });
    }

    private String sealedPrevious(String id, Secret before) {
        return database.cipher().encrypt(before, Rows.previousOf(owner(id)));
    }

    /**
     * Deletes a key; it is gone for good when this returns.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is none with this identifier
     * @throws RevisionConflictException if it is at another revision
     */
    public void delete(String id, OptionalLong expected) {
        database.<Integer>write(
                "delete API key " + id,
                handle -> {
                    if (expected.isPresent()) {
                        var unused = locked(handle, id, expected);
                    }
                    int deleted =
                            handle.createUpdate("DELETE FROM api_key WHERE id = :id")
                                    .bind("id", id)
                                    .execute();
                    if (deleted == 0) {
                        throw notFound(id);
                    }
                    return deleted;
                });
    }

    private static NotFoundException notFound(String id) {
        return new NotFoundException("there is no API key '" + id + "'");
    }

    /** The key was used just now. */
    public void touch(String id) {
        long now = clock.millis();
        database.<Integer>write(
                "note the use of API key " + id,
                handle ->
                        handle.createUpdate("UPDATE api_key SET last_used_at = :now WHERE id = :id")
                                .bind("now", now)
                                .bind("id", id)
                                .execute());
    }

    /** The key, or empty if there is none with this identifier. */
    public Optional<ApiKey> find(String id) {
        return database.read(
                "find API key",
                handle ->
                        handle.createQuery("SELECT * FROM api_key WHERE id = :id")
                                .bind("id", id)
                                .map((row, context) -> key(row))
                                .findOne());
    }

    /**
     * The keys whose identifiers follow {@code after}, ordered by identifier.
     *
     * @param after empty for the first page
     * @param limit at most so many
     */
    public List<ApiKey> list(String after, int limit) {
        return database.read(
                "list API keys",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM api_key WHERE id > :after
                                        ORDER BY id LIMIT :limit
                                        """)
                                .bind("after", after)
                                .bind("limit", limit)
                                .map((row, context) -> key(row))
                                .list());
    }

    private ApiKey key(ResultSet row) throws SQLException {
        String id = row.getString("id");
        return new ApiKey(
                id,
                row.getString("name"),
                database.rows().secrets(row, owner(id)),
                new ApiKey.Standing(
                        Role.ofCode(row.getInt("role")),
                        row.getInt("disabled") != 0,
                        ApiKey.Expiry.ofMillis(row.getLong("expires_at")).at(),
                        row.getLong("revision")),
                Instant.ofEpochMilli(row.getLong("created_at")),
                OperatorAccounts.lastUsed(row));
    }
}
