package io.muster.devices.registry;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceTable.Deleted;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import io.muster.devices.registry.secret.SecretUnreadableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Devices, and their {@link #products}, as they stand in the database; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What a {@code create} method returns is durable. States are as last written; {@code
 * DeviceDirectory} knows the newer ones.
 */
public final class DeviceRegistry {

    /** The longest page of a listing. */
    public static final int PAGE_MAX = 1000;

    /** How many devices can be imported at once. */
    public static final int IMPORT_MAX = 100_000;

    /** For one statement of an import; whoever waits for other calls waits that long for none. */
    private static final Duration IMPORT_LIMIT = Duration.ofMinutes(5);

    private static final int DEVICE_KEY_LENGTH = 10;

    private final RegistryDatabase database;
    private final Clock clock;
    private final Rows rows;
    private final ProductRegistry products;
    private final DeviceTable devices;
    private final DeviceImport imports;
    private final StateTable states;
    private final SecretRotation rotation;

    private final Turn turn;
    private final UnsettledChanges unsettled;

    private final List<RegistryListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * On an open database.
     *
     * @param clock gives the times of creation
     */
    public DeviceRegistry(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.rows = database.rows();
        this.devices = new DeviceTable(database, rows);
        this.states = new StateTable(database, rows);
        this.rotation = new SecretRotation(database, rows);
        this.turn = new Turn(database.settings().timeout());
        this.imports = new DeviceImport(database, turn);
        this.unsettled = new UnsettledChanges(turn, listeners, devices);
        this.products = new ProductRegistry(database, clock, turn, listeners, unsettled);
    }

    /** The products that devices belong to. */
    public ProductRegistry products() {
        return products;
    }

    /** The listener is told of what is created, changed and deleted from now on. */
    public void addListener(RegistryListener listener) {
        listeners.add(listener);
    }

    /** The longest that the database lets a call wait. */
    public Duration timeout() {
        return database.settings().timeout();
    }

    /** Where it all stands. */
    public RegistryDatabase database() {
        return database;
    }

    /** How many calls can read at the same time. */
    public int connectionsMax() {
        return database.settings().connectionsMax();
    }

    /**
     * Creates a device with a new secret, inactive.
     *
     * @param deviceKey empty for a generated one of 10 letters and digits
     * @throws NotFoundException if there is no such product
     * @throws AlreadyExistsException if the product has such a device
     * @throws IllegalArgumentException saying which key is wrong and what is allowed
     */
    public Device createDevice(String productKey, Optional<String> deviceKey) {
        return createDevice(
                new WantedDevice(
                        productKey,
                        deviceKey,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Map.of()));
    }

    /**
     * The same with all that is said of the device.
     *
     * @throws IllegalArgumentException saying which tag or attribute is not allowed
     */
    public Device createDevice(WantedDevice wanted) {
        requireValues(wanted.tags(), wanted.attributes());
        Secret secret = wanted.secret().orElseGet(Secret::generate);
        return turn.take(
                () -> {
                    Device created =
                            GeneratedKey.create(
                                    wanted.deviceKey(),
                                    DEVICE_KEY_LENGTH,
                                    key ->
                                            insert(
                                                    created(
                                                            new DeviceId(wanted.productKey(), key),
                                                            secret,
                                                            DeviceStatus.INACTIVE),
                                                    wanted),
                                    key ->
                                            "device '%s' exists already in '%s'"
                                                    .formatted(key, wanted.productKey()));
                    unsettled.created(List.of(created));
                    return created;
                });
    }

    private Optional<Device> insert(Device device, WantedDevice wanted) {
        unsettled.settleCreated(List.of(device.id()));
        try {
            return devices.insert(device, wanted);
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsCreated(List.of(device));
            throw unknownOutcome;
        }
    }

    private static void requireValues(Map<String, String> tags, Map<String, String> attributes) {
        DeviceValues.Kind.TAG.requireAll(tags);
        DeviceValues.Kind.ATTRIBUTE.requireAll(attributes);
    }

    /**
     * Creates many devices at once, all or none.
     *
     * @param devices with different keys; 1 to {@link #IMPORT_MAX}
     * @return the keys that are taken; if there are any, nothing was created
     * @throws NotFoundException if there is no such product
     * @throws IllegalArgumentException saying which key, tag or attribute is wrong and what is
     *     allowed
     */
    public Set<DeviceId> importDevices(String productKey, Collection<NewDevice> devices) {
        if (devices.isEmpty() || devices.size() > IMPORT_MAX) {
            throw new IllegalArgumentException(
                    devices.size() + " devices are not 1 to " + IMPORT_MAX);
        }
        List<Device> created = new ArrayList<>(devices.size());
        List<DeviceImport.Row> rows = new ArrayList<>(devices.size());
        for (NewDevice each : devices) {
            requireValues(each.tags(), each.attributes());
            Device device = created(productKey, each);
            created.add(device);
            rows.add(imports.row(device, each));
        }
        return insert(IMPORT_LIMIT, Set.of(productKey), created, rows, handle -> {});
    }

    /**
     * Creates devices, inactive, with more that is written of them in the same transaction; all or
     * none.
     *
     * @param wanted 1 to {@link #IMPORT_MAX}
     * @param more called perhaps again if that is tried again; if it fails, nothing is created
     * @return the devices in this order, though their states may have later versions
     * @throws NotFoundException if there is no such product
     * @throws AlreadyExistsException naming a device, if its product has one of that key
     * @throws IllegalArgumentException if they are too many, one is there twice, or has a tag or an
     *     attribute that is not allowed
     */
    public List<Device> createDevices(
            List<WantedDevice> wanted, BiConsumer<Handle, List<Device>> more) {
        if (wanted.isEmpty() || wanted.size() > IMPORT_MAX) {
            throw new IllegalArgumentException(
                    wanted.size() + " devices are not 1 to " + IMPORT_MAX);
        }
        Map<DeviceId, Device> created = new LinkedHashMap<>();
        Set<String> productKeys = new HashSet<>();
        List<DeviceImport.Row> rows = new ArrayList<>(wanted.size());
        for (WantedDevice each : wanted) {
            requireValues(each.tags(), each.attributes());
            String key = each.deviceKey().orElseGet(() -> GeneratedKey.ofLength(DEVICE_KEY_LENGTH));
            Secret secret = each.secret().orElseGet(Secret::generate);
            NewDevice details =
                    new NewDevice(key, secret, each.name(), each.tags(), each.attributes(), false);
            Device device = created(each.productKey(), details);
            if (created.put(device.id(), device) != null) {
                throw new IllegalArgumentException("device '" + device.id() + "' is there twice");
            }
            productKeys.add(each.productKey());
            rows.add(imports.row(device, details));
        }
        List<Device> inOrder = List.copyOf(created.values());
        Set<DeviceId> taken =
                insert(
                        timeout(),
                        productKeys,
                        inOrder,
                        rows,
                        handle -> more.accept(handle, inOrder));
        if (!taken.isEmpty()) {
            throw new AlreadyExistsException(
                    "device '" + taken.iterator().next() + "' exists already");
        }
        return inOrder;
    }

    private Set<DeviceId> insert(
            Duration limit,
            Set<String> productKeys,
            List<Device> created,
            List<DeviceImport.Row> rows,
            Consumer<Handle> more) {
        return imports.insert(
                limit, productKeys, rows, more, insertion -> insertInTurn(created, insertion));
    }

    private Set<DeviceId> insertInTurn(List<Device> created, Supplier<Set<DeviceId>> insertion) {
        unsettled.settleCreated(created.stream().map(Device::id).toList());
        Set<DeviceId> taken;
        try {
            taken = insertion.get();
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsCreated(created);
            throw unknownOutcome;
        }
        if (taken.isEmpty()) {
            unsettled.created(created);
        }
        return taken;
    }

    private Device created(String productKey, NewDevice details) {
        return created(
                new DeviceId(productKey, details.deviceKey()),
                details.secret(),
                details.isDisabled() ? DeviceStatus.DISABLED : DeviceStatus.INACTIVE);
    }

    private Device created(DeviceId id, Secret secret, DeviceStatus status) {
        Instant now = now();
        return new Device(
                id,
                RotatingSecret.of(secret),
                new DeviceState(status, Math.max(now.toEpochMilli(), rows.leastVersion()), now),
                now,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * Deletes a device for good, with all that refers to it in the database; its certificates are
     * revoked. A device that is registered under its name later is another one, whose versions are
     * greater.
     *
     * @throws NotFoundException if there is no such device
     */
    public void deleteDevice(DeviceId id) {
        deleteDevice(id, OptionalLong.empty());
    }

    /**
     * The same if the device has a given revision.
     *
     * @param revision that it must have; empty if any will do
     * @throws RevisionConflictException if it has another; it is not deleted then
     */
    public void deleteDevice(DeviceId id, OptionalLong revision) {
        boolean wasThere =
                turn.take(
                        () -> {
                            Optional<Deleted> deleted = delete(id, revision);
                            deleted.ifPresentOrElse(
                                    what -> unsettled.deleted(Map.of(id, what)),
                                    () -> unsettled.missing(id));
                            return deleted.isPresent();
                        });
        if (!wasThere) {
            throw unknown(id);
        }
    }

    /**
     * Looks whether a device has a given revision.
     *
     * @throws NotFoundException if there is no such device
     * @throws RevisionConflictException if it has another
     */
    public void requireRevision(DeviceId id, OptionalLong revision) {
        devices.requireRevision(id, revision);
    }

    /** One that is unknown has no revision: memory is told of it like of any other. */
    private Optional<Deleted> delete(DeviceId id, OptionalLong revision) {
        Map<DeviceId, Deleted> perhaps = new HashMap<>();
        try {
            return devices.delete(id, revision, now(), perhaps);
        } catch (NotFoundException gone) {
            return Optional.empty();
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsDeleted(perhaps);
            throw unknownOutcome;
        }
    }

    /**
     * Deletes some devices of a product, as {@link #deleteDevice} does; all of them are gone when
     * nothing is left to delete.
     *
     * @param max 1 to {@link #PAGE_MAX}
     * @return those that are deleted
     * @throws NotFoundException if there is no such product
     */
    public Set<DeviceId> deleteDevices(String productKey, int max) {
        requireLimit(max);
        return turn.take(
                () -> {
                    Map<DeviceId, Deleted> deleted = deleteSome(productKey, max);
                    unsettled.deleted(deleted);
                    return deleted.keySet();
                });
    }

    private Map<DeviceId, Deleted> deleteSome(String productKey, int max) {
        Map<DeviceId, Deleted> perhaps = new HashMap<>();
        try {
            return devices.deleteSome(productKey, max, now(), perhaps);
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsDeleted(perhaps);
            throw unknownOutcome;
        }
    }

    /**
     * Gives a device a new secret; see {@link ProductRegistry#rotateSecret}.
     *
     * @param expected the revision that must be the present one; empty for any
     * @throws NotFoundException if there is no such device
     * @throws RevisionConflictException if it is at another revision
     * @throws IllegalArgumentException saying what is allowed, if the overlap is not
     */
    public Device rotateDeviceSecret(DeviceId id, Duration overlap, OptionalLong expected) {
        RotatingSecret.requireOverlap(overlap);
        return turn.take(
                () -> {
                    Device rotated = rotate(id, overlap, expected).orElseThrow(() -> unknown(id));
                    listeners.forEach(
                            listener -> listener.deviceSecretsChanged(id, rotated.secrets()));
                    return rotated;
                });
    }

    private Optional<Device> rotate(DeviceId id, Duration overlap, OptionalLong expected) {
        unsettled.settleCreated(List.of(id));
        try {
            return rotation.rotate(id, expected, Secret.generate(), overlap, now());
        } catch (RegistryUnavailableException unknownOutcome) {
            unsettled.perhapsChanged(id);
            throw unknownOutcome;
        }
    }

    /**
     * Looks at devices and products that were to be changed or deleted when the database did not
     * answer, and tells the listeners how they stand. Does nothing if there are none.
     */
    public void settleChanges() {
        unsettled.settle(products.table());
    }

    /** Removes the secrets whose overlap is over. */
    public void removeEndedSecrets() {
        var unused = rotation.removeEnded(now());
    }

    private static NotFoundException unknown(DeviceId id) {
        return new NotFoundException("device '" + id + "' is unknown");
    }

    /** The device, or empty if none is registered under this name. */
    public Optional<Device> findDevice(DeviceId id) {
        return Optional.ofNullable(findDevices(Set.of(id)).get(id));
    }

    /**
     * Those of the devices that are registered, in one go.
     *
     * @param ids 1 to {@link #PAGE_MAX}
     * @throws SecretUnreadableException if one of the secrets cannot be decrypted
     */
    public Map<DeviceId, Device> findDevices(Set<DeviceId> ids) {
        if (ids.isEmpty() || ids.size() > PAGE_MAX) {
            throw new IllegalArgumentException(ids.size() + " devices are not 1 to " + PAGE_MAX);
        }
        return database.read("find devices", handle -> findDevices(handle, ids));
    }

    /** One prepared statement, as this is what a storm of sign-ins waits for. */
    private Map<DeviceId, Device> findDevices(Handle handle, Set<DeviceId> ids)
            throws SQLException {
        Map<DeviceId, Device> found = new HashMap<>();
        try (PreparedStatement statement =
                handle.getConnection()
                        .prepareStatement(
                                "SELECT * FROM device WHERE product_key = ? AND device_key = ?")) {
            statement.setQueryTimeout(database.timeoutSeconds());
            long begin = System.nanoTime();
            for (DeviceId id : ids) {
                if (System.nanoTime() - begin > timeout().toNanos()) {
                    throw new SQLTimeoutException("not all read within " + timeout());
                }
                statement.setString(1, id.productKey());
                statement.setString(2, id.deviceKey());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        found.put(id, rows.device(row));
                    }
                }
            }
        }
        return found;
    }

    /**
     * The devices of a product whose keys follow {@code afterDeviceKey}, ordered by key; none if
     * the product is unknown.
     *
     * @param afterDeviceKey empty for the first page
     * @param limit 1 to {@link #PAGE_MAX}
     */
    public List<Device> listDevices(String productKey, String afterDeviceKey, int limit) {
        requireLimit(limit);
        return database.read(
                "list devices",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM device
                                        WHERE product_key = :productKey AND device_key > :after
                                        ORDER BY product_key, device_key LIMIT :limit
                                        """)
                                .bind("productKey", productKey)
                                .bind("after", afterDeviceKey)
                                .bind("limit", limit)
                                .map((row, context) -> rows.device(row))
                                .list());
    }

    /**
     * The states of the devices of all products that follow {@code after}, ordered by product key
     * and then by device key. Reads no secrets.
     *
     * @param after empty for the first page
     * @param limit 1 to {@link #PAGE_MAX}
     */
    public Map<DeviceId, DeviceState> listStates(Optional<DeviceId> after, int limit) {
        requireLimit(limit);
        return states.list(after, limit);
    }

    /** How many devices stand in each status; every status is named. */
    public Map<DeviceStatus, Long> countDevices() {
        return states.count();
    }

    /** The same for each product that has devices; statuses that no device has are not named. */
    public Map<String, Map<DeviceStatus, Long>> countDevicesByProduct() {
        return states.countByProduct();
    }

    /**
     * Writes the states and times of devices in one transaction, and by which clients they signed
     * in. A row that holds the same or a newer version stays as it is.
     *
     * @return how many rows were written
     */
    public int writeStates(Collection<UnwrittenState> unwritten) {
        return states.write(unwritten);
    }

    /**
     * Takes every online device offline, with a new version: after a crash nobody is connected. All
     * other states have this moment as their least version from now on, since newer ones than those
     * in the database may have been told of before the crash.
     *
     * @return how many they were
     */
    public int takeAllOffline() {
        Instant now = now();
        int taken = states.takeAllOffline(now);
        rows.leastVersion(now.toEpochMilli());
        return taken;
    }

    /**
     * That a page is not too large.
     *
     * @throws IllegalArgumentException if it is not 1 to {@link #PAGE_MAX}
     */
    public static void requireLimit(int limit) {
        if (limit < 1 || limit > PAGE_MAX) {
            throw new IllegalArgumentException("limit " + limit + " is not 1 to " + PAGE_MAX);
        }
    }

    /** The present, cut to what the database keeps. */
    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
