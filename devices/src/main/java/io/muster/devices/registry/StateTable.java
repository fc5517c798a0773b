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
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The states in the rows of devices; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
final class StateTable {

    /** What is done once, when the hub starts, may go through all devices. */
    private static final Duration AT_START = Duration.ofMinutes(10);

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

    /** Takes those that stand online offline, with a new version; returns how many. */
    int takeAllOffline(Instant now) {
        String purpose = "take devices offline";
        return database.apart(
                purpose,
                AT_START,
                apart -> database.inLine(purpose, apart, handle -> takeAllOffline(handle, now)));
    }

    private static int takeAllOffline(Handle handle, Instant now) {
        return handle.createUpdate(
                        """
                        UPDATE device SET status = :offline, since = :now,
                          last_offline_at = :now, version =
                            CASE WHEN version < :now THEN :now ELSE version + 1 END
                        WHERE status = :online
                        """)
                .bind("offline", Rows.code(DeviceStatus.OFFLINE))
                .bind("online", Rows.code(DeviceStatus.ONLINE))
                .bind("now", now.toEpochMilli())
                .execute();
    }
}
