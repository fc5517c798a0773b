package io.muster.devices.registry.topology;

import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Devices that gateways have registered, as they stand in the database; shared. With each stands
 * which gateway it was and which secret it was told, so that the answer can be given again.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked.
 */
public final class GatewayRegistrations {

    private final RegistryDatabase database;
    private final DeviceRegistry devices;

    /** On the database of these devices. */
    public GatewayRegistrations(DeviceRegistry devices) {
        this.database = devices.database();
        this.devices = devices;
    }

    /**
     * Creates devices, inactive, with what is said of them; all or none, and durable when this
     * returns.
     *
     * @param wanted 1 to {@link DeviceRegistry#IMPORT_MAX}
     * @param waitingMax how many devices that the gateway has registered may never have signed in
     * @return the devices in this order
     * @throws NotFoundException if there is no such product, or no such gateway
     * @throws AlreadyExistsException naming a device, if its product has one of that key
     * @throws IllegalArgumentException if they are too many, together or with those that wait; or
     *     if one is there twice, or has a tag or an attribute that is not allowed
     */
    public List<Device> create(DeviceId gateway, List<WantedDevice> wanted, int waitingMax) {
        return devices.createDevices(
                wanted,
                (handle, created) -> {
                    Topology.requireDevice(handle, gateway);
                    note(handle, gateway, created);
                    requireFewWaiting(handle, gateway, waitingMax);
                });
    }

    /** So whoever stole the secret of a gateway does not fill the registry. */
    private static void requireFewWaiting(Handle handle, DeviceId gateway, int max) {
        int waiting =
                Topology.bindGateway(
                                handle.createQuery(
                                        "SELECT COUNT(*) FROM gateway_registration JOIN device"
                                                + " USING (product_key, device_key)"
                                                + " WHERE activated_at IS NULL AND "
                                                + Topology.OF_GATEWAY),
                                gateway)
                        .mapTo(Integer.class)
                        .one();
        if (waiting > max) {
            throw new IllegalArgumentException(
                    "gateway '%s' would have registered %d devices that have never signed in; at most %d are allowed"
                            .formatted(gateway, waiting, max));
        }
    }

    private static void note(Handle handle, DeviceId gateway, List<Device> created) {
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        INSERT INTO gateway_registration
                          (product_key, device_key, gateway_product_key, gateway_device_key,
                           secret_mark)
                        VALUES (:productKey, :deviceKey, :gatewayProductKey, :gatewayDeviceKey,
                           :mark)
                        """);
        for (Device each : created) {
            Topology.bind(batch, each.id(), gateway).bind("mark", each.secret().mark()).add();
        }
        batch.execute();
    }

    /**
     * Those of the devices that this gateway has registered and that still have the secret that it
     * was told then. Whether they have signed in is another question.
     *
     * @param ids at most {@link DeviceRegistry#PAGE_MAX}
     */
    public Map<DeviceId, Device> find(DeviceId gateway, Set<DeviceId> ids) {
        Map<DeviceId, String> marks =
                database.read(
                        "find devices that gateway " + gateway + " registered",
                        handle -> marks(handle, gateway, ids));
        if (marks.isEmpty()) {
            return Map.of();
        }
        Map<DeviceId, Device> found = new HashMap<>(devices.findDevices(marks.keySet()));
        found.values().removeIf(each -> !each.secret().mark().equals(marks.get(each.id())));
        return found;
    }

    private static Map<DeviceId, String> marks(Handle handle, DeviceId gateway, Set<DeviceId> ids) {
        Map<DeviceId, String> marks = new HashMap<>();
        for (DeviceId id : ids) {
            Topology.bind(
                            handle.createQuery(
                                    "SELECT secret_mark FROM gateway_registration WHERE "
                                            + Topology.OF_BOTH),
                            id,
                            gateway)
                    .mapTo(String.class)
                    .findOne()
                    .ifPresent(mark -> marks.put(id, mark));
        }
        return marks;
    }
}
