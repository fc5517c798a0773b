package io.muster.devices.registry.search;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.DeviceRecord;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.Rows;
import io.muster.devices.registry.revision.Revisions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * All that the registry knows of devices; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. States and last connections are as last written; {@code DeviceDirectory} knows the
 * newer ones.
 */
public final class DeviceRecords {

    /** The longest page. */
    public static final int PAGE_MAX = 1000;

    private static final int TOGETHER = 20;
    private static final int VALUE_CHARACTERS_MAX = 1_000_000;

    private final RegistryDatabase database;
    private final Rows rows;

    /** On an open database. */
    public DeviceRecords(RegistryDatabase database) {
        this.database = database;
        this.rows = database.rows();
    }

    /** What is known of a device besides its state; empty if there is none with this name. */
    public Optional<DeviceDetails> find(DeviceId id) {
        return database.read("find device", handle -> find(handle, id));
    }

    /** The devices that have this asset identifier: one or none, but by a rare chance. */
    public List<DeviceId> find(AssetId asset) {
        return database.read(
                "find device by its asset identifier",
                handle ->
                        handle.createQuery(
                                        "SELECT product_key, device_key FROM device"
                                                + " WHERE asset = :asset"
                                                + " ORDER BY product_key, device_key LIMIT 2")
                                .bind("asset", asset.number())
                                .map((row, context) -> Rows.deviceId(row))
                                .list());
    }

    private static Optional<DeviceDetails> find(Handle handle, DeviceId id) {
        return handle.createQuery(
                        "SELECT * FROM device"
                                + " WHERE product_key = :productKey AND device_key = :deviceKey")
                .bind("productKey", id.productKey())
                .bind("deviceKey", id.deviceKey())
                .map((row, context) -> Rows.details(row))
                .findOne();
    }

    /**
     * Gives a device another name.
     *
     * @param name 1 to 100 characters; empty for none
     * @param revision that the device must have; empty if any will do
     * @return what is known of it then
     * @throws NotFoundException if there is no such device
     * @throws RevisionConflictException if it has another revision; nothing is changed then
     * @throws IllegalArgumentException saying what is allowed, if the name is not
     */
    public DeviceDetails rename(DeviceId id, Optional<String> name, OptionalLong revision) {
        name.ifPresent(DeviceDetails::requireName);
        return database.write(
                "rename device " + id,
                handle -> {
                    Revisions.next(handle, id, revision);
                    return handle.createQuery(
                                    """
                                    UPDATE device SET name = :name
                                    WHERE product_key = :productKey AND device_key = :deviceKey
                                    RETURNING *
                                    """)
                            .bind("name", name)
                            .bind("productKey", id.productKey())
                            .bind("deviceKey", id.deviceKey())
                            .map((row, context) -> Rows.details(row))
                            .one();
                });
    }

    /**
     * A page of the devices that are looked for: ordered by product key, within that by name if a
     * name is asked for, and by device key.
     *
     * @param after where the page before ended ({@link DevicePage#next}); empty for the first. A
     *     device key does, too, if the devices are of one product and come in the order of keys
     * @param limit 1 to {@link #PAGE_MAX}
     * @throws IllegalArgumentException saying which argument is wrong
     */
    public DevicePage search(DeviceSearch search, String after, int limit) {
        if (limit < 1 || limit > PAGE_MAX) {
            throw new IllegalArgumentException("limit " + limit + " is not 1 to " + PAGE_MAX);
        }
        Position from = Position.parse(search, after);
        return database.read(
                "search devices",
                handle -> new SearchWalk(handle, this::record, search, limit).walk(from));
    }

    /**
     * The tags or attributes of the first of these devices, as many as are not too long together:
     * the last is the one with which they have a million characters or more.
     *
     * @param ids all different, of any products
     * @return in the same order; some have none
     */
    public Map<DeviceId, Map<String, String>> values(List<DeviceId> ids, Kind kind) {
        return database.read("find values of devices", handle -> values(handle, ids, kind));
    }

    private static Map<DeviceId, Map<String, String>> values(
            Handle handle, List<DeviceId> ids, Kind kind) {
        Map<DeviceId, Map<String, String>> found = new LinkedHashMap<>();
        long characters = 0;
        for (int from = 0; from < ids.size() && characters < VALUE_CHARACTERS_MAX; ) {
            String product = ids.get(from).productKey();
            List<DeviceId> together =
                    ids.subList(from, Math.min(from + TOGETHER, ids.size())).stream()
                            .takeWhile(id -> id.productKey().equals(product))
                            .toList();
            // Before they are read: all that twenty may have is far too long.
            Map<DeviceId, Long> lengths = lengths(handle, together, kind);
            for (DeviceId id : together) {
                if (characters < VALUE_CHARACTERS_MAX) {
                    found.put(id, new LinkedHashMap<>());
                    characters += lengths.getOrDefault(id, 0L);
                }
            }
            addValues(handle, together.stream().filter(found::containsKey).toList(), kind, found);
            from += together.size();
        }
        return found;
    }

    /** How many characters the values have, of those devices of one product that have any. */
    private static Map<DeviceId, Long> lengths(Handle handle, List<DeviceId> ids, Kind kind) {
        return query(
                        handle,
                        """
                        SELECT product_key, device_key,
                          SUM(LENGTH(name) + LENGTH(value)) AS characters
                        FROM device_value
                        WHERE product_key = :product AND device_key IN (<keys>) AND kind = :kind
                        GROUP BY product_key, device_key
                        """,
                        ids,
                        kind)
                .map((row, context) -> Map.entry(Rows.deviceId(row), row.getLong("characters")))
                .collectToMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    /** Of devices of one product. */
    private static void addValues(
            Handle handle,
            List<DeviceId> ids,
            Kind kind,
            Map<DeviceId, Map<String, String>> found) {
        query(
                        handle,
                        """
                        SELECT product_key, device_key, name, value FROM device_value
                        WHERE product_key = :product AND device_key IN (<keys>) AND kind = :kind
                        ORDER BY device_key, name
                        """,
                        ids,
                        kind)
                .map(
                        (row, context) ->
                                found.getOrDefault(Rows.deviceId(row), new LinkedHashMap<>())
                                        .put(row.getString("name"), row.getString("value")))
                .list();
    }

    private static Query query(Handle handle, String sql, List<DeviceId> ids, Kind kind) {
        return handle.createQuery(sql)
                .bind("product", ids.get(0).productKey())
                .bind("kind", kind.code())
                .bindList("keys", ids.stream().map(DeviceId::deviceKey).toList());
    }

    private DeviceRecord record(ResultSet row) throws SQLException {
        return new DeviceRecord(rows.device(row), Rows.details(row));
    }
}
