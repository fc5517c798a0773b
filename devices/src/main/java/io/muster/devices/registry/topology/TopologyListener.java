package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import java.util.Optional;

/**
 * Is told of devices whose gateway changed, when that is durable, in the order of the changes; on
 * the thread that made the change, which holds up all others meanwhile.
 */
@FunctionalInterface
public interface TopologyListener {

    /**
     * The gateway of a device is another.
     *
     * @param gateway who speaks for it now; empty if nobody does
     */
    void changed(DeviceId subDevice, Optional<DeviceId> gateway);
}
