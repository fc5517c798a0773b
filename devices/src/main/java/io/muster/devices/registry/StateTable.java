package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The states in the rows of devices; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
final class StateTable {

    private final RegistryDatabase database;
    private final Rows rows;

    StateTable(RegistryDatabase database, Rows rows) {
        this.database = database;
        this.rows = rows;
    }

    /** A page of the states of all devices, ordered by product key and device key. */
    Map<DeviceId, DeviceState> list(Optional<DeviceId> after, int limit) {
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
        database.read(
                        "count devices",
                        handle ->
                                handle.createQuery(
                                                "SELECT status, COUNT(*) AS devices FROM device"
                                                        + " GROUP BY status")
                                        .map(
                                                (row, context) ->
                                                        Map.entry(
                                                                Rows.status(row.getInt("status")),
                                                                row.getLong("devices")))
                                        .list())
                .forEach(entry -> counts.merge(entry.getKey(), entry.getValue(), Long::sum));
        return counts;
    }

    /**
     * Writes those that are newer than their rows, in one transaction; returns how many. A device
     * that was registered anew under the same name meanwhile is another one.
     */
    int write(Collection<Device> devices) {
        return database.write(
                "write states",
                handle -> {
                    PreparedBatch batch =
                            handle.prepareBatch(
                                    """
                                    UPDATE device SET status = :status, version = :version,
                                      since = :since, activated_at = :activatedAt,
                                      last_online_at = :lastOnlineAt,
                                      last_offline_at = :lastOfflineAt
                                    WHERE product_key = :productKey AND device_key = :deviceKey
                                      AND version < :version AND created_at = :createdAt
                                    """);
                    // One order for all writers: two batches cannot wait for each other's rows.
                    devices.stream()
                            .sorted(Comparator.comparing(device -> device.id().toString()))
                            .forEach(device -> bind(batch, device).add());
                    int written = 0;
                    for (int count : batch.execute()) {
                        written += count;
                    }
                    return written;
                });
    }

    private static PreparedBatch bind(PreparedBatch batch, Device device) {
        return batch.bind("productKey", device.id().productKey())
                .bind("deviceKey", device.id().deviceKey())
                .bind("status", Rows.code(device.status()))
                .bind("version", device.state().version())
                .bind("since", device.state().since().toEpochMilli())
                .bind("createdAt", device.createdAt().toEpochMilli())
                .bind("activatedAt", Rows.millis(device.activatedAt()))
                .bind("lastOnlineAt", Rows.millis(device.lastOnlineAt()))
                .bind("lastOfflineAt", Rows.millis(device.lastOfflineAt()));
    }

    /** Takes those that stand online offline, with a new version; returns how many. */
    int takeAllOffline(Instant now) {
        return database.write(
                "take devices offline",
                handle ->
                        handle.createUpdate(
                                        """
                                        UPDATE device SET status = :offline, since = :now,
                                          last_offline_at = :now, version =
                                            CASE WHEN version < :now THEN :now ELSE version + 1 END
                                        WHERE status = :online
                                        """)
                                .bind("offline", Rows.code(DeviceStatus.OFFLINE))
                                .bind("online", Rows.code(DeviceStatus.ONLINE))
                                .bind("now", now.toEpochMilli())
                                .execute());
    }
}
