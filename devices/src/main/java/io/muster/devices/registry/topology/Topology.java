package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.product.ProductType;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.ProductRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Which gateway speaks for which devices, as it stands in the database; shared. A device has one
 * gateway at most. When one of the two is deleted, that they belong together is gone too.
 *
 * <p>Every method that asks the database blocks, and throws {@link RegistryUnavailableException}
 * when that cannot be asked. What is changed is durable when the method returns.
 *
 * <p><b>What memory holds of it</b>, here and with the listeners, follows each change under one
 * monitor, in the order of the changes. It must be the only one that changes the topology, and be
 * told by the registry of devices that are deleted. A change that failed may be done all the same;
 * the devices that it was about are looked up again before the next change, or by {@link #settle}.
 */
public final class Topology implements RegistryListener {

    /** The most devices that are added or removed at once. */
    public static final int TOGETHER_MAX = 1_000;

    static final String OF_GATEWAY =
            "gateway_product_key = :gatewayProductKey AND gateway_device_key = :gatewayDeviceKey";
    private static final String OF_DEVICE = "product_key = :productKey AND device_key = :deviceKey";
    static final String OF_BOTH = OF_DEVICE + " AND " + OF_GATEWAY;

    private final RegistryDatabase database;
    private final Clock clock;

    private final Turn turn;

    // Guarded by this; no listener and nobody else under this monitor waits for anything.
    private final List<TopologyListener> listeners = new ArrayList<>();
    private final KnownMembers known;

    /** Devices of changes that failed, but may be done; all are settled before the next change. */
    private final Set<DeviceId> doubtful = new LinkedHashSet<>();

    /** Deleted while somebody has his turn, who may have looked before. */
    private final Set<DeviceId> deletedMeanwhile = new HashSet<>();

    /**
     * On an open database.
     *
     * @param rememberedMax of how many gateways and their devices, all together, memory holds whom
     *     they speak for
     * @param clock gives the times of adding
     */
    public Topology(RegistryDatabase database, int rememberedMax, Clock clock) {
        this.database = database;
        this.turn = new Turn(database.timeout());
        this.known = new KnownMembers(rememberedMax);
        this.clock = clock;
    }

    /** The listener is told of what changes from now on. */
    public synchronized void addListener(TopologyListener listener) {
        listeners.add(listener);
    }

    /**
     * Has a gateway speak for these devices, all or none. One that has another gateway moves.
     *
     * @param subDevices 1 to {@link #TOGETHER_MAX}
     * @param max how many devices the gateway may have in all
     * @throws NotFoundException naming one of the devices, if there is no such device
     * @throws IllegalArgumentException saying what is allowed, if they are too many, or one is not
     *     what it should be by the type of its product
     */
    public void add(DeviceId gateway, Set<DeviceId> subDevices, int max) {
        requireFew(subDevices);
        inTurn(
                () -> {
                    long now = clock.millis();
                    var unused =
                            write(
                                    "add devices to gateway " + gateway,
                                    subDevices,
                                    handle -> add(handle, gateway, subDevices, max, now));
                    tell(subDevices, Optional.of(gateway));
                    return null;
                });
    }

    /** A write whose failure leaves it open whether it is done. */
    private <T> T write(String purpose, Set<DeviceId> about, Function<Handle, T> transaction) {
        try {
            return database.write(purpose, transaction::apply);
        } catch (RegistryUnavailableException unknown) {
            synchronized (this) {
                doubtful.addAll(about);
            }
            throw unknown;
        }
    }

    private static int add(
            Handle handle, DeviceId gateway, Set<DeviceId> subDevices, int max, long now) {
        requireTypes(handle, gateway, subDevices);
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

    /** In the order of the keys, so that nobody waits for another in a circle. */
    private static void requireTypes(Handle handle, DeviceId gateway, Set<DeviceId> subDevices) {
        Set<String> others = new TreeSet<>();
        subDevices.forEach(each -> others.add(each.productKey()));
        Set<String> all = new TreeSet<>(others);
        all.add(gateway.productKey());
        for (String productKey : all) {
            boolean isOfGateways =
                    ProductRegistry.lockType(handle, productKey)
                            .filter(type -> type == ProductType.GATEWAY)
                            .isPresent();
            boolean isWrong =
                    isOfGateways
                            ? others.contains(productKey)
                            : productKey.equals(gateway.productKey());
            if (isWrong) {
                throw new IllegalArgumentException(
                        "product '%s' is%s one of gateways"
                                .formatted(productKey, isOfGateways ? "" : " not"));
            }
        }
    }

    static void requireDevice(Handle handle, DeviceId id) {
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
                            write(
                                    "remove devices of gateway " + gateway,
                                    subDevices,
                                    handle -> remove(handle, gateway, subDevices));
                    tell(removed, Optional.empty());
                    return removed;
                });
    }

    private static Set<DeviceId> remove(Handle handle, DeviceId gateway, Set<DeviceId> subDevices) {
        Set<DeviceId> removed = new LinkedHashSet<>();
        for (DeviceId id : subDevices) {
            int rows =
                    bind(handle.createUpdate("DELETE FROM topology WHERE " + OF_BOTH), id, gateway)
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
     * Gives {@code taker} all devices that a gateway speaks for, and remembers them. Memory hears
     * of no change meanwhile: so who takes them and is a listener too knows them from then on.
     *
     * @param taker must not block
     */
    public void follow(DeviceId gateway, Consumer<Set<DeviceId>> taker) {
        inTurn(
                () -> {
                    Set<DeviceId> all = all(gateway);
                    synchronized (this) {
                        requireThere(gateway);
                        all.stream().filter(deletedMeanwhile::contains).forEach(doubtful::add);
                        all.removeAll(deletedMeanwhile);
                        known.put(gateway, all);
                        taker.accept(all);
                    }
                    return null;
                });
    }

    private void requireThere(DeviceId gateway) {
        if (deletedMeanwhile.contains(gateway)) {
            throw new RegistryUnavailableException(
                    "gateway " + gateway + " was deleted while its topology was read");
        }
    }

    /**
     * The same from memory, without asking the database: whom the gateway spoke for as far as this
     * hub knows. Does not block.
     *
     * @return false if memory knows nothing of the gateway
     */
    public synchronized boolean followKnown(DeviceId gateway, Consumer<Set<DeviceId>> taker) {
        Optional<Set<DeviceId>> all = known.find(gateway);
        all.ifPresent(taker);
        return all.isPresent();
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

    /**
     * Looks up again what changes were about that failed but may be done, and tells memory. Returns
     * at once if there were none.
     */
    public void settle() {
        if (isInDoubt()) {
            inTurn(() -> null);
        }
    }

    private synchronized boolean isInDoubt() {
        return !doubtful.isEmpty();
    }

    private void settleInTurn() {
        Set<DeviceId> open;
        synchronized (this) {
            open = Set.copyOf(doubtful);
        }
        for (DeviceId each : open) {
            Optional<DeviceId> gateway = find(each).map(SubDevice::gateway);
            synchronized (this) {
                doubtful.remove(each);
                tell(Set.of(each), gateway);
            }
        }
    }

    /** One that was deleted since it was looked at may be there again, so it is looked at again. */
    private synchronized void tell(Set<DeviceId> subDevices, Optional<DeviceId> gateway) {
        boolean isThere = gateway.isEmpty() || !deletedMeanwhile.contains(gateway.get());
        for (DeviceId each : subDevices) {
            if (isThere && !deletedMeanwhile.contains(each)) {
                known.changed(each, gateway);
                listeners.forEach(listener -> listener.changed(each, gateway));
            } else {
                doubtful.add(each);
            }
        }
    }

    @Override
    public synchronized long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
        deleted.keySet().forEach(this::deleted);
        return 0;
    }

    @Override
    public void deviceMissing(DeviceId id) {
        deleted(id);
    }

    private synchronized void deleted(DeviceId id) {
        if (turn.isTaken()) {
            deletedMeanwhile.add(id);
        }
        known.deleted(id);
        listeners.forEach(listener -> listener.deleted(id));
    }

    private static void requireFew(Collection<DeviceId> subDevices) {
        if (subDevices.isEmpty() || subDevices.size() > TOGETHER_MAX) {
            throw new IllegalArgumentException(
                    subDevices.size() + " devices are not 1 to " + TOGETHER_MAX);
        }
    }

    private <T> T inTurn(Supplier<T> change) {
        return turn.take(
                () -> {
                    forgetDeleted();
                    try {
                        settleInTurn();
                        return change.get();
                    } finally {
                        forgetDeleted();
                    }
                });
    }

    private synchronized void forgetDeleted() {
        deletedMeanwhile.clear();
    }

    static <S extends SqlStatement<S>> S bind(S statement, DeviceId id, DeviceId gateway) {
        return bindGateway(bindDevice(statement, id), gateway);
    }

    private static <S extends SqlStatement<S>> S bindDevice(S statement, DeviceId id) {
        return statement.bind("productKey", id.productKey()).bind("deviceKey", id.deviceKey());
    }

    static <S extends SqlStatement<S>> S bindGateway(S statement, DeviceId gateway) {
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
