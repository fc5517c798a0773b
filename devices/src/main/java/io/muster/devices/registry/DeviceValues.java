package io.muster.devices.registry;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.text.Characters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The attributes and tags of devices as they stand in the database; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What is changed is durable when the method returns.
 */
public final class DeviceValues {

    /** How many values of one kind a device may have. */
    public static final int COUNT_MAX = 200;

    /** The longest name, in characters. */
    public static final int NAME_LENGTH_MAX = 128;

    /** The longest value, in characters. */
    public static final int VALUE_LENGTH_MAX = 4096;

    private final RegistryDatabase database;

    /** On an open database. */
    public DeviceValues(RegistryDatabase database) {
        this.database = database;
    }

    /** What the values are. */
    public enum Kind {
        /** What a device says of itself; JSON texts. */
        ATTRIBUTE("attribute", 0),
        /** What is said of a device, by itself or by others; plain texts. */
        TAG("tag", 1);

        private final String title;

        private final int code;

        Kind(String title, int code) {
            this.title = title;
            this.code = code;
        }

        /**
         * Checks a value.
         *
         * @throws IllegalArgumentException saying what is wrong and what is allowed
         */
        public void require(String name, String value) {
            if (name.isEmpty() || name.length() > NAME_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "%s '%s' is not named by 1 to %d characters"
                                .formatted(title, beginning(name), NAME_LENGTH_MAX));
            }
            if (value.length() > VALUE_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "%s '%s' is longer than %d characters"
                                .formatted(title, name, VALUE_LENGTH_MAX));
            }
            Characters.requireWhole(title, name);
            Characters.requireWhole(title, value);
            // PostgreSQL has no such character in its texts.
            if (name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "%s '%s' holds the character U+0000"
                                .formatted(title, name.replace("\0", "\\0")));
            }
        }

        /**
         * Checks the values of one device.
         *
         * @throws IllegalArgumentException saying what is wrong and what is allowed
         */
        public void requireAll(Map<String, String> values) {
            requireFew(this, "set", values.size());
            values.forEach(this::require);
        }

        /** The number that stands for it in the database, for ever. */
        public int code() {
            return code;
        }

        /** Its name for people. */
        public String title() {
            return title;
        }
    }

    /**
     * The values of a device by their names, in the order of these; none if the device is unknown.
     */
    public Map<String, String> find(DeviceId id, Kind kind) {
        return database.read(
                "find values of a device",
                handle -> {
                    Map<String, String> values = new LinkedHashMap<>();
                    handle.createQuery(
                                    """
                                    SELECT name, value FROM device_value
                                    WHERE product_key = :productKey AND device_key = :deviceKey
                                      AND kind = :kind
                                    ORDER BY name
                                    """)
                            .bind("productKey", id.productKey())
                            .bind("deviceKey", id.deviceKey())
                            .bind("kind", kind.code)
                            .map((row, context) -> values.put(row.getString(1), row.getString(2)))
                            .list();
                    return values;
                });
    }

    /**
     * Sets and removes values of a device in one go; all others stay as they are.
     *
     * @param removed names; those that there are not do no harm
     * @throws NotFoundException if there is no such device
     * @throws IllegalArgumentException saying what is wrong and what is allowed, if a name or a
     *     value is too long, a name is empty, or the device would have more than {@link #COUNT_MAX}
     */
    public void change(DeviceId id, Kind kind, Map<String, String> set, Set<String> removed) {
        change(id, kind, set, removed, OptionalLong.empty(), kind == Kind.TAG);
    }

    /**
     * The same for somebody who has seen a revision of the device, which takes the next one. What a
     * device says of itself changes its revision only with its tags.
     *
     * @param revision that it must have; empty if any will do
     * @throws RevisionConflictException if it has another; nothing is changed then
     */
    public void change(
            DeviceId id,
            Kind kind,
            Map<String, String> set,
            Set<String> removed,
            OptionalLong revision) {
        change(id, kind, set, removed, revision, true);
    }

    private void change(
            DeviceId id,
            Kind kind,
            Map<String, String> set,
            Set<String> removed,
            OptionalLong revision,
            boolean isNext) {
        kind.requireAll(set);
        requireFew(kind, "removed", removed.size());
        database.write(
                "change values of a device",
                handle -> {
                    if (isNext) {
                        Revisions.next(handle, id, revision);
                    } else {
                        Revisions.require(handle, id, revision);
                    }
                    remove(handle, id, kind, removed);
                    put(handle, id, kind, set);
                    requireFew(handle, id, kind);
                    return null;
                });
    }

    /** Before the work: nobody else writes to the registry meanwhile. */
    private static void requireFew(Kind kind, String what, int count) {
        if (count > COUNT_MAX) {
            throw new IllegalArgumentException(
                    "%d %ss are %s at once; at most %d can be"
                            .formatted(count, kind.title, what, COUNT_MAX));
        }
    }

    private static String beginning(String text) {
        return text.length() > NAME_LENGTH_MAX ? text.substring(0, NAME_LENGTH_MAX) + "…" : text;
    }

    private static void remove(Handle handle, DeviceId id, Kind kind, Set<String> names) {
        if (names.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        DELETE FROM device_value
                        WHERE product_key = :productKey AND device_key = :deviceKey
                          AND kind = :kind AND name = :name
                        """);
        for (String name : names) {
            bind(batch, id, kind, name).add();
        }
        batch.execute();
    }

    /** Sets values; replaces those that have their names. */
    static void put(Handle handle, DeviceId id, Kind kind, Map<String, String> values) {
        if (values.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        INSERT INTO device_value (product_key, device_key, kind, name, value)
                        VALUES (:productKey, :deviceKey, :kind, :name, :value)
                        ON CONFLICT (product_key, device_key, kind, name)
                          DO UPDATE SET value = excluded.value
                        """);
        values.forEach((name, value) -> bind(batch, id, kind, name).bind("value", value).add());
        batch.execute();
    }

    private static PreparedBatch bind(PreparedBatch batch, DeviceId id, Kind kind, String name) {
        return batch.bind("productKey", id.productKey())
                .bind("deviceKey", id.deviceKey())
                .bind("kind", kind.code)
                .bind("name", name);
    }

    private static void requireFew(Handle handle, DeviceId id, Kind kind) {
        int count =
                handle.createQuery(
                                """
                                SELECT COUNT(*) FROM device_value
                                WHERE product_key = :productKey AND device_key = :deviceKey
                                  AND kind = :kind
                                """)
                        .bind("productKey", id.productKey())
                        .bind("deviceKey", id.deviceKey())
                        .bind("kind", kind.code)
                        .mapTo(Integer.class)
                        .one();
        if (count > COUNT_MAX) {
            throw new IllegalArgumentException(
                    "device '%s' would have more than %d %ss".formatted(id, COUNT_MAX, kind.title));
        }
    }
}
