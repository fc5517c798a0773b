package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.LastClient;
import io.muster.devices.details.UnwrittenState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states in the rows of devices; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
final class StateTable {

    /** What is done once, when the hub starts, may go through all devices. */
    private static final Duration AT_START = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(StateTable.class);

    /** So many are taken one by one if the row of one is damaged. */
    private static final int OFFLINE_TOGETHER = 100;

    private static final int NAMED_MAX = 50;

    private final RegistryDatabase database;
    private final Rows rows;

    StateTable(RegistryDatabase database, Rows rows) {
        this.database = database;
        this.rows = rows;
    }

    /**
     * A page of the states of all devices, ordered by product key and device key; without those
     * whose rows are damaged.
     */
    Map<DeviceId, DeviceState> list(Optional<DeviceId> after, int limit) {
        try {
            return listAll(after, limit);
        } catch (RegistryUnavailableException failed) {
            requireDamage(failed);
            return listAroundDamage(after, limit);
        }
    }

    private static void requireDamage(RegistryUnavailableException failed) {
        if (!failed.isDamage()) {
            throw failed;
        }
    }

    private Map<DeviceId, DeviceState> listAroundDamage(Optional<DeviceId> after, int limit) {
        Map<DeviceId, DeviceState> page = new LinkedHashMap<>();
        List<DeviceId> ids = ids("", after, limit);
        // Only a page behind all devices is empty.
        while (page.isEmpty() && !ids.isEmpty()) {
            List<DeviceId> damaged =
                    oneByOne(ids, id -> find(id).ifPresent(state -> page.put(id, state)));
            log.error("states of devices are damaged, left out devices={}", named(damaged));
            ids = ids("", Optional.of(ids.get(ids.size() - 1)), limit);
        }
        return page;
    }

    /** Returns those of whom that met damage. */
    private static List<DeviceId> oneByOne(List<DeviceId> ids, Consumer<DeviceId> step) {
        List<DeviceId> damaged = new ArrayList<>();
        for (DeviceId id : ids) {
            try {
                step.accept(id);
            } catch (RegistryUnavailableException failed) {
                requireDamage(failed);
                damaged.add(id);
            }
        }
        return damaged;
    }

    private static List<DeviceId> named(List<DeviceId> damaged) {
        return damaged.subList(0, Math.min(NAMED_MAX, damaged.size()));
    }

    /** Both databases find these in an index, without the rows. */
    private List<DeviceId> ids(String condition, Optional<DeviceId> after, int limit) {
        return database.read(
                "list devices",
                handle ->
                        handle.createQuery(
                                        "SELECT product_key, device_key FROM device WHERE "
                                                + condition
                                                + "(product_key, device_key) > (:product, :device)"
                                                + " ORDER BY product_key, device_key LIMIT :limit")
                                .bind("product", after.map(DeviceId::productKey).orElse(""))
                                .bind("device", after.map(DeviceId::deviceKey).orElse(""))
                                .bind("limit", limit)
                                .map((row, context) -> Rows.deviceId(row))
                                .list());
    }

    private Optional<DeviceState> find(DeviceId id) {
        return database.read(
                "read the state of device " + id,
                handle ->
                        handle.createQuery(
                                        "SELECT status, version, since FROM device"
                                                + " WHERE product_key = :product"
                                                + " AND device_key = :device")
                                .bind("product", id.productKey())
                                .bind("device", id.deviceKey())
                                .map((row, context) -> rows.state(row))
                                .findOne());
    }

    private Map<DeviceId, DeviceState> listAll(Optional<DeviceId> after, int limit) {
        Map<DeviceId, DeviceState> page = new LinkedHashMap<>();
        database.read(
                        "list states",
                        handle ->
                                handle.createQuery(
                                                """
                                                SELECT product_key, device_key, status, version, since
                                                FROM device
                                                WHERE (product_key, device_key) > (:product, :device)
                                                ORDER BY product_key, device_key LIMIT :limit
                                                """)
                                        .bind("product", after.map(DeviceId::productKey).orElse(""))
                                        .bind("device", after.map(DeviceId::deviceKey).orElse(""))
                                        .bind("limit", limit)
                                        .map(
                                                (row, context) ->
                                                        Map.entry(
                                                                Rows.deviceId(row),
                                                                rows.state(row)))
                                        .list())
                .forEach(entry -> page.put(entry.getKey(), entry.getValue()));
        return page;
    }

    /** How many devices stand in each status; every status is named. */
    Map<DeviceStatus, Long> count() {
        Map<DeviceStatus, Long> counts = new EnumMap<>(DeviceStatus.class);
        for (DeviceStatus status : DeviceStatus.values()) {
            counts.put(status, 0L);
        }
        countByProduct()
                .values()
                .forEach(
                        product ->
                                product.forEach(
                                        (status, count) -> counts.merge(status, count, Long::sum)));
        return counts;
    }

    /** The same by product; a status that no device has is not named. */
    Map<String, Map<DeviceStatus, Long>> countByProduct() {
        record Count(String productKey, DeviceStatus status, long devices) {}
        Map<String, Map<DeviceStatus, Long>> counts = new HashMap<>();
        database.apart(
                        "count devices",
                        AT_START,
                        handle ->
                                handle.createQuery(
                                                "SELECT product_key, status, COUNT(*) AS devices"
                                                        + " FROM device"
                                                        + " GROUP BY product_key, status")
                                        .map(
                                                (row, context) ->
                                                        new Count(
                                                                row.getString("product_key"),
                                                                Rows.status(row.getInt("status")),
                                                                row.getLong("devices")))
                                        .list())
                .forEach(
                        count ->
                                counts.computeIfAbsent(
                                                count.productKey(),
                                                key -> new EnumMap<>(DeviceStatus.class))
                                        .merge(count.status(), count.devices(), Long::sum));
        return counts;
    }

    /**
     * Writes those that are newer than their rows, in one transaction; returns how many. A device
     * that was registered anew under the same name meanwhile is another one.
     */
    int write(Collection<UnwrittenState> states) {
        return database.write(
                "write states",
                handle -> {
                    PreparedBatch batch =
                            handle.prepareBatch(
                                    """
                                    UPDATE device SET status = :status, version = :version,
                                      since = :since, activated_at = :activatedAt,
                                      last_online_at = :lastOnlineAt,
                                      last_offline_at = :lastOfflineAt,
                                      revision = CASE
                                        WHEN (status = 3) = (:status = 3) THEN revision
                                        ELSE revision + 1 END,
                                      last_address = CASE WHEN :protocolLevel = 0
                                        THEN last_address ELSE :address END,
                                      last_keep_alive = CASE WHEN :protocolLevel = 0
                                        THEN last_keep_alive ELSE :keepAlive END,
                                      last_software = CASE WHEN :protocolLevel = 0
                                        THEN last_software ELSE :software END,
                                      last_own_address = CASE WHEN :protocolLevel = 0
                                        THEN last_own_address ELSE :ownAddress END,
                                      last_protocol_level = CASE WHEN :protocolLevel = 0
                                        THEN last_protocol_level ELSE :protocolLevel END
                                    WHERE product_key = :productKey AND device_key = :deviceKey
                                      AND version < :version AND created_at = :createdAt
                                    """);
                    // One order for all writers: two batches cannot wait for each other's rows.
                    states.stream()
                            .sorted(Comparator.comparing(state -> state.device().id().toString()))
                            .forEach(
                                    state -> {
                                        bind(batch, state.device());
                                        bind(batch, state.client()).add();
                                    });
                    int written = 0;
                    for (int count : batch.execute()) {
                        written += count;
                    }
                    return written;
                });
    }

    private static void bind(PreparedBatch batch, Device device) {
        batch.bind("productKey", device.id().productKey())
                .bind("deviceKey", device.id().deviceKey())
                .bind("status", Rows.code(device.status()))
                .bind("version", device.state().version())
                .bind("since", device.state().since().toEpochMilli())
                .bind("createdAt", device.createdAt().toEpochMilli())
                .bind("activatedAt", Rows.millis(device.activatedAt()))
                .bind("lastOnlineAt", Rows.millis(device.lastOnlineAt()))
                .bind("lastOfflineAt", Rows.millis(device.lastOfflineAt()));
    }

    /** A level of 0 leaves all of it as it is. */
    private static PreparedBatch bind(PreparedBatch batch, Optional<LastClient> client) {
        return batch.bind("protocolLevel", client.map(LastClient::protocolLevel).orElse(0))
                .bind("keepAlive", client.map(LastClient::keepAliveSeconds))
                .bind("address", client.flatMap(LastClient::address))
                .bind("software", client.flatMap(LastClient::software))
                .bind("ownAddress", client.flatMap(LastClient::ownAddress));
    }

    /**
     * Takes those that stand online offline, with a new version, but for those whose rows are
     * damaged; returns how many.
     */
    int takeAllOffline(Instant now) {
        String purpose = "take devices offline";
        try {
            return database.apart(
                    purpose,
                    AT_START,
                    apart ->
                            database.inLine(
                                    purpose, apart, handle -> offline(handle, "", now).execute()));
        } catch (RegistryUnavailableException failed) {
            requireDamage(failed);
            return takeOfflineAroundDamage(now);
        }
    }

    private int takeOfflineAroundDamage(Instant now) {
        String online = "status = " + Rows.code(DeviceStatus.ONLINE) + " AND ";
        int taken = 0;
        List<DeviceId> ids = ids(online, Optional.empty(), OFFLINE_TOGETHER);
        while (!ids.isEmpty()) {
            DeviceId last = ids.get(ids.size() - 1);
            taken += takeOffline(ids, now);
            ids = ids(online, Optional.of(last), OFFLINE_TOGETHER);
        }
        return taken;
    }

    private int takeOffline(List<DeviceId> ids, Instant now) {
        try {
            takeOffline(ids.get(0), ids.get(ids.size() - 1), now);
            return ids.size();
        } catch (RegistryUnavailableException failed) {
            requireDamage(failed);
            List<DeviceId> damaged = oneByOne(ids, id -> takeOffline(id, id, now));
            log.error(
                    "devices cannot be taken offline, since their rows are damaged count={}"
                            + " devices={}",
                    damaged.size(),
                    named(damaged));
            return ids.size() - damaged.size();
        }
    }

    private void takeOffline(DeviceId first, DeviceId last, Instant now) {
        var unused =
                database.write(
                        "take devices offline",
                        handle ->
                                offline(
                                                handle,
                                                " AND (product_key, device_key) >= (:p1, :d1)"
                                                        + " AND (product_key, device_key)"
                                                        + " <= (:p2, :d2)",
                                                now)
                                        .bind("p1", first.productKey())
                                        .bind("d1", first.deviceKey())
                                        .bind("p2", last.productKey())
                                        .bind("d2", last.deviceKey())
                                        .execute());
    }

    private static Update offline(Handle handle, String which, Instant now) {
        return handle.createUpdate(
                        """
                        UPDATE device SET status = :offline, since = :now,
                          last_offline_at = :now, version =
                            CASE WHEN version < :now THEN :now ELSE version + 1 END
                        WHERE status = :online%s
                        """
                                .formatted(which))
                .bind("offline", Rows.code(DeviceStatus.OFFLINE))
                .bind("online", Rows.code(DeviceStatus.ONLINE))
                .bind("now", now.toEpochMilli());
    }
}
