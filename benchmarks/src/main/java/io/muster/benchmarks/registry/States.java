package io.muster.benchmarks.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.DeviceRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes states of devices, as the directory does. */
final class States {

    private static final int TOGETHER = 1000;

    private States() {}

    /** Disables one in so many devices of each product. */
    static void disable(DeviceRegistry registry, int devicesOfProduct, int oneIn) {
        for (int product = 0; product < ManyDevices.PRODUCTS; product++) {
            Set<DeviceId> ids = new HashSet<>();
            for (int i = 0; i < devicesOfProduct; i += oneIn) {
                ids.add(new DeviceId(ManyDevices.productKey(product), ManyDevices.deviceKey(i)));
                if (ids.size() == TOGETHER || i + oneIn >= devicesOfProduct) {
                    disable(registry, ids);
                    ids.clear();
                }
            }
        }
    }

    private static void disable(DeviceRegistry registry, Set<DeviceId> ids) {
        List<UnwrittenState> states = new ArrayList<>();
        for (Device device : registry.findDevices(ids).values()) {
            DeviceState state = device.state();
            states.add(
                    UnwrittenState.of(
                            new Device(
                                    device.id(),
                                    device.secrets(),
                                    new DeviceState(
                                            DeviceStatus.DISABLED,
                                            state.version() + 1,
                                            state.since()),
                                    device.createdAt(),
                                    device.activatedAt(),
                                    device.lastOnlineAt(),
                                    device.lastOfflineAt())));
        }
        var unused = registry.writeStates(states);
    }
}
