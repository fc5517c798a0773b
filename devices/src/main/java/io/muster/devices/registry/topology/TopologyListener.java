package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import java.util.Optional;

/**
 * Is told of devices whose gateway changed, when that is durable, in the order of the changes; on
 * the thread that made the change, which holds up all others meanwhile. Must not block.
 */
public interface TopologyListener {

    /**
     * The gateway of a device is another, or was looked up again.
     *
     * @param gateway who speaks for it now; empty if nobody does
     */
    void changed(DeviceId subDevice, Optional<DeviceId> gateway);

    /** A device was deleted, so nobody speaks for it. Told before its name can be given again. */
    void deleted(DeviceId subDevice);
}
