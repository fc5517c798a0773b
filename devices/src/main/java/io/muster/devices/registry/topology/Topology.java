package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Which gateway speaks for which devices, as it stands in the database; shared. A device has one
 * gateway at most. When one of the two is deleted, that they belong together is gone too.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What is changed is durable when the method returns.
 */
public final class Topology {

    /** The most devices that are added or removed at once. */
    public static final int TOGETHER_MAX = 1_000;

    private static final String OF_GATEWAY =
            "gateway_product_key = :gatewayProductKey AND gateway_device_key = :gatewayDeviceKey";
    private static final String OF_DEVICE = "product_key = :productKey AND device_key = :deviceKey";

    private final RegistryDatabase database;
    private final Clock clock;
    private final List<TopologyListener> listeners = new CopyOnWriteArrayList<>();

    /** Held from a change in the database until memory was told of it. */
    private final ReentrantLock turn = new ReentrantLock(true);

    /**
     * On an open database.
     *
     * @param clock gives the times of adding
     */
    public Topology(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The listener is told of what changes from now on. */
    public void addListener(TopologyListener listener) {
        listeners.add(listener);
    }

    /**
     * Has a gateway speak for these devices, all or none. One that has another gateway moves.
     *
     * @param subDevices 1 to {@link #TOGETHER_MAX}
     * @param max how many devices the gateway may have in all
     * @throws NotFoundException naming one of the devices, if there is no such device
     * @throws IllegalArgumentException saying what is allowed, if they are too many
     */
    public void add(DeviceId gateway, Set<DeviceId> subDevices, int max) {
        requireFew(subDevices);
        inTurn(
                () -> {
                    long now = clock.millis();
                    var unused =
                            database.write(
                                    "add devices to gateway " + gateway,
                                    handle -> add(handle, gateway, subDevices, max, now));
                    subDevices.forEach(each -> tell(each, Optional.of(gateway)));
                    return null;
                });
    }

    private static int add(
            Handle handle, DeviceId gateway, Set<DeviceId> subDevices, int max, long now) {
        requireDevice(handle, gateway);
        for (DeviceId id : subDevices) {
            requireDevice(handle, id);
            bind(
                            handle.createUpdate(
                                    """
                                    INSERT INTO topology
                                      (product_key, device_key, gateway_product_key,
                                       gateway_device_key, added_at)
                                    VALUES (:productKey, :deviceKey, :gatewayProductKey,
                                       :gatewayDeviceKey, :addedAt)
                                    ON CONFLICT (product_key, device_key) DO UPDATE SET
                                      gateway_product_key = excluded.gateway_product_key,
                                      gateway_device_key = excluded.gateway_device_key,
                                      added_at = excluded.added_at
                                    WHERE topology.gateway_product_key
                                          <> excluded.gateway_product_key
                                       OR topology.gateway_device_key
                                          <> excluded.gateway_device_key
                                    """),
                            id,
                            gateway)
                    .bind("addedAt", now)
                    .execute();
        }
        int count =
                bindGateway(
                                handle.createQuery(
                                        "SELECT COUNT(*) FROM topology WHERE " + OF_GATEWAY),
                                gateway)
                        .mapTo(Integer.class)
                        .one();
        if (count > max) {
            throw new IllegalArgumentException(
                    "gateway '%s' would have %d sub-devices; at most %d are allowed"
                            .formatted(gateway, count, max));
        }
        return count;
    }

    private static void requireDevice(Handle handle, DeviceId id) {
        boolean known =
                bindDevice(handle.createQuery("SELECT 1 FROM device WHERE " + OF_DEVICE), id)
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
        if (!known) {
            throw new NotFoundException("device '" + id + "' is unknown");
        }
    }

    /**
     * A gateway speaks for these devices no more. Those that it did not speak for stay as they are.
     *
     * @param subDevices 1 to {@link #TOGETHER_MAX}
     * @return those that it spoke for
     */
    public Set<DeviceId> remove(DeviceId gateway, Set<DeviceId> subDevices) {
        requireFew(subDevices);
        return inTurn(
                () -> {
                    Set<DeviceId> removed =
                            database.write(
                                    "remove devices of gateway " + gateway,
                                    handle -> remove(handle, gateway, subDevices));
                    removed.forEach(each -> tell(each, Optional.empty()));
                    return removed;
                });
    }

    private static Set<DeviceId> remove(Handle handle, DeviceId gateway, Set<DeviceId> subDevices) {
        Set<DeviceId> removed = new LinkedHashSet<>();
        for (DeviceId id : subDevices) {
            int rows =
                    bind(
                                    handle.createUpdate(
                                            "DELETE FROM topology WHERE "
                                                    + OF_DEVICE
                                                    + " AND "
                                                    + OF_GATEWAY),
                                    id,
                                    gateway)
                            .execute();
            if (rows > 0) {
                removed.add(id);
            }
        }
        return removed;
    }

    /**
     * The devices that a gateway speaks for and that follow {@code after}, ordered by product key
     * and then by device key.
     *
     * @param after empty for the first page
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     */
    public List<SubDevice> list(DeviceId gateway, Optional<DeviceId> after, int limit) {
        if (limit < 1 || limit > DeviceRegistry.PAGE_MAX) {
            throw new IllegalArgumentException(
                    "limit " + limit + " is not 1 to " + DeviceRegistry.PAGE_MAX);
        }
        return database.read(
                "list devices of gateway " + gateway,
                handle ->
                        bindGateway(
                                        handle.createQuery(
                                                """
                                                SELECT * FROM topology
                                                WHERE %s
                                                  AND (product_key, device_key)
                                                    > (:afterProductKey, :afterDeviceKey)
                                                ORDER BY gateway_product_key, gateway_device_key,
                                                  product_key, device_key
                                                LIMIT :limit
                                                """
                                                        .formatted(OF_GATEWAY)),
                                        gateway)
                                .bind("afterProductKey", after.map(DeviceId::productKey).orElse(""))
                                .bind("afterDeviceKey", after.map(DeviceId::deviceKey).orElse(""))
                                .bind("limit", limit)
                                .map((row, context) -> subDevice(row))
                                .list());
    }

    /** All devices that a gateway speaks for, page by page. */
    public Set<DeviceId> all(DeviceId gateway) {
        Set<DeviceId> all = new LinkedHashSet<>();
        Optional<DeviceId> after = Optional.empty();
        List<SubDevice> page;
        do {
            page = list(gateway, after, DeviceRegistry.PAGE_MAX);
            page.forEach(each -> all.add(each.id()));
            after = page.isEmpty() ? after : Optional.of(page.get(page.size() - 1).id());
        } while (page.size() == DeviceRegistry.PAGE_MAX);
        return all;
    }

    /**
     * Gives {@code taker} all devices that a gateway speaks for. No change is made meanwhile: so
     * who takes them and is a listener too knows them from then on.
     */
    public void follow(DeviceId gateway, Consumer<Set<DeviceId>> taker) {
        inTurn(
                () -> {
                    taker.accept(all(gateway));
                    return null;
                });
    }

    /** Who speaks for a device, and since when; empty if nobody does. */
    public Optional<SubDevice> find(DeviceId subDevice) {
        return database.read(
                "find the gateway of " + subDevice,
                handle ->
                        bindDevice(
                                        handle.createQuery(
                                                "SELECT * FROM topology WHERE " + OF_DEVICE),
                                        subDevice)
                                .map((row, context) -> subDevice(row))
                                .findOne());
    }

    /** Tells the listeners who speaks for a device now: one of the two may have been deleted. */
    public void tellAgain(DeviceId subDevice) {
        inTurn(
                () -> {
                    tell(subDevice, find(subDevice).map(SubDevice::gateway));
                    return null;
                });
    }

    private void tell(DeviceId subDevice, Optional<DeviceId> gateway) {
        listeners.forEach(listener -> listener.changed(subDevice, gateway));
    }

    private static void requireFew(Collection<DeviceId> subDevices) {
        if (subDevices.isEmpty() || subDevices.size() > TOGETHER_MAX) {
            throw new IllegalArgumentException(
                    subDevices.size() + " devices are not 1 to " + TOGETHER_MAX);
        }
    }

    private <T> T inTurn(Supplier<T> change) {
        try {
            if (!turn.tryLock(database.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryUnavailableException("registry is busy with other changes");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("interrupted before its turn", interrupted);
        }
        try {
            return change.get();
        } finally {
            turn.unlock();
        }
    }

    private static <S extends SqlStatement<S>> S bind(S statement, DeviceId id, DeviceId gateway) {
        return bindGateway(bindDevice(statement, id), gateway);
    }

    private static <S extends SqlStatement<S>> S bindDevice(S statement, DeviceId id) {
        return statement.bind("productKey", id.productKey()).bind("deviceKey", id.deviceKey());
    }

    private static <S extends SqlStatement<S>> S bindGateway(S statement, DeviceId gateway) {
        return statement
                .bind("gatewayProductKey", gateway.productKey())
                .bind("gatewayDeviceKey", gateway.deviceKey());
    }

    private static SubDevice subDevice(ResultSet row) throws SQLException {
        return new SubDevice(
                new DeviceId(row.getString("product_key"), row.getString("device_key")),
                new DeviceId(
                        row.getString("gateway_product_key"), row.getString("gateway_device_key")),
                Instant.ofEpochMilli(row.getLong("added_at")));
    }
}
