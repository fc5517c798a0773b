package io.muster.devices.registry.applications;

import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.roles.Role;
import io.muster.devices.roles.RoleInUseException;
import io.muster.devices.roles.RoleRule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roles of applications as they stand in the database, and the built-in one, which does not
 * stand there; shared. Every method blocks and throws {@link RegistryUnavailableException} when the
 * database cannot be asked. What is changed is durable when the method returns.
 */
public final class RoleRegistry {

    private static final Logger log = LoggerFactory.getLogger(RoleRegistry.class);

    /** The most roles, without the built-in one. */
    public static final int ROLES_MAX = 200;

    private final RegistryDatabase database;
    private final Clock clock;

    /**
     * On an open database.
     *
     * @param clock gives the times of changes, and the revisions
     */
    public RoleRegistry(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Creates a role or gives it other rules. Whoever changes it must have those looked at who
     * compare them with topics, before and after.
     *
     * @param revision if given, the role must be at this revision; 0 means that there is none
     * @throws RevisionConflictException if it is at another
     * @throws IllegalArgumentException saying which argument is wrong and what is allowed, also if
     *     there are {@link #ROLES_MAX} roles, or it is the built-in one
     */
    public Role put(String name, List<RoleRule> rules, OptionalLong revision) {
        requireOther(Role.requireName(name));
        String text =
                Role.requireRules(rules).stream()
                        .map(RoleRule::toString)
                        .collect(Collectors.joining("\n"));
        return database.write(
                "change role " + name,
                handle -> {
                    long present = locked(handle, name).orElse(0L);
                    Revisions.require("role '" + name + "'", revision, present);
                    if (present == 0) {
                        requireRoom(handle);
                    }
                    return write(handle, name, text);
                });
    }

    private static void requireOther(String name) {
        if (name.equals(Role.ALL_TOPICS.name())) {
            throw new IllegalArgumentException(
                    "role '" + name + "' is built in and cannot be changed or deleted");
        }
    }

    /**
     * The role's revision. Its row is locked by an update that changes nothing, so that nobody
     * gives it to an application, or takes it away, before this transaction ends.
     */
    private static Optional<Long> locked(Handle handle, String name) {
        return handle.createQuery(
                        """
                        UPDATE application_role SET revision = revision WHERE name = :name
                        RETURNING revision
                        """)
                .bind("name", name)
                .mapTo(Long.class)
                .findOne();
    }

    private static void requireRoom(Handle handle) {
        long roles =
                handle.createQuery("SELECT COUNT(*) FROM application_role").mapTo(Long.class).one();
        if (roles >= ROLES_MAX) {
            throw new IllegalArgumentException(
                    "there are " + ROLES_MAX + " roles already, no more are allowed");
        }
    }

    private Role write(Handle handle, String name, String rules) {
        return handle.createQuery(
                        """
                        INSERT INTO application_role
                          (name, rules, revision, created_at, updated_at)
                        VALUES (:name, :rules, :now, :now, :now)
                        ON CONFLICT (name) DO UPDATE SET
                          rules = excluded.rules, updated_at = excluded.updated_at,
                          revision = CASE WHEN application_role.revision < excluded.revision
                            THEN excluded.revision ELSE application_role.revision + 1 END
                        RETURNING *
                        """)
                .bind("name", name)
                .bind("rules", rules)
                .bind("now", clock.millis())
                .map((row, context) -> role(row))
                .one();
    }

    /**
     * Deletes a role that no application has.
     *
     * @param revision if given, the role must be at this revision
     * @throws NotFoundException if there is no such role
     * @throws RevisionConflictException if it is at another revision
     * @throws RoleInUseException if an application has it
     * @throws IllegalArgumentException if it is the built-in one
     */
    public void delete(String name, OptionalLong revision) {
        requireOther(name);
        database.write(
                "delete role " + name,
                handle -> {
                    long present =
                            locked(handle, name)
                                    .orElseThrow(
                                            () ->
                                                    new NotFoundException(
                                                            "role '" + name + "' is unknown"));
                    Revisions.require("role '" + name + "'", revision, present);
                    requireUnused(handle, name);
                    return handle.createUpdate("DELETE FROM application_role WHERE name = :name")
                            .bind("name", name)
                            .execute();
                });
    }

    /** Names have no wildcards of LIKE, and no capital letters. */
    private static void requireUnused(Handle handle, String name) {
        List<String> users =
                handle.createQuery(
                                """
                                SELECT username FROM application
                                WHERE ',' || roles || ',' LIKE '%,' || :name || ',%'
                                ORDER BY username
                                """)
                        .bind("name", name)
                        .mapTo(String.class)
                        .list();
        if (!users.isEmpty()) {
            throw new RoleInUseException(name, users.size(), users.get(0));
        }
    }

    /** The role, or empty if there is none with this name. */
    public Optional<Role> find(String name) {
        if (name.equals(Role.ALL_TOPICS.name())) {
            return Optional.of(Role.ALL_TOPICS);
        }
        return database.read(
                "find role",
                handle ->
                        handle.createQuery("SELECT * FROM application_role WHERE name = :name")
                                .bind("name", name)
                                .map((row, context) -> role(row))
                                .findOne());
    }

    /**
     * As {@link #find}, after a change of the role that may be under way in the database: its row
     * is locked for a moment.
     */
    public Optional<Role> findSurely(String name) {
        requireOther(name);
        return database.write(
                "find role",
                handle ->
                        handle
                                .createQuery(
                                        """
                                        UPDATE application_role SET revision = revision
                                        WHERE name = :name RETURNING *
                                        """)
                                .bind("name", name)
                                .map((row, context) -> readable(row))
                                .stream()
                                .flatMap(Optional::stream)
                                .findFirst());
    }

    /**
     * The roles whose names follow {@code after}, ordered by name, the built-in one among them.
     *
     * @param after empty for the first page
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<Role> list(String after, int limit) {
        if (limit < 1 || limit > DeviceRegistry.PAGE_MAX) {
            throw new IllegalArgumentException("limit is not 1 to " + DeviceRegistry.PAGE_MAX);
        }
        return all().stream()
                .filter(role -> role.name().compareTo(after) > 0)
                .limit(limit)
                .toList();
    }

    /**
     * All roles that can be read, by name, the built-in one among them. One that cannot be read,
     * since a newer hub wrote it, is left out and logged: who has it may do nothing.
     */
    public List<Role> all() {
        return database.read(
                "list roles",
                handle ->
                        handle
                                .createQuery("SELECT * FROM application_role ORDER BY name")
                                .map((row, context) -> readable(row))
                                .stream()
                                .flatMap(Optional::stream)
                                .collect(
                                        Collectors.collectingAndThen(
                                                Collectors.toList(), RoleRegistry::withBuiltIn)));
    }

    private static List<Role> withBuiltIn(List<Role> stored) {
        stored.add(Role.ALL_TOPICS);
        stored.sort(Comparator.comparing(Role::name));
        return List.copyOf(stored);
    }

    private static Optional<Role> readable(ResultSet row) throws SQLException {
        try {
            return Optional.of(role(row));
        } catch (IllegalArgumentException unreadable) {
            log.error(
                    "role cannot be read, applications with it may do nothing role={} cause={}",
                    row.getString("name"),
                    unreadable.getMessage());
            return Optional.empty();
        }
    }

    private static Role role(ResultSet row) throws SQLException {
        String rules = row.getString("rules");
        return new Role(
                row.getString("name"),
                rules.isEmpty() ? List.of() : rules.lines().map(RoleRule::parse).toList(),
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                Instant.ofEpochMilli(row.getLong("updated_at")));
    }
}
