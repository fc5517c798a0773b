package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;

/**
 * Is told of devices whose state changed, in the order of the changes of each device, on a thread
 * of the directory; it may block, which delays all later calls. What it throws is logged.
 *
 * <p>A listener that is more than 100,000 changes behind is spared steps in between: it then gets
 * one call per device, with the status it was told last and the newest state.
 */
@FunctionalInterface
public interface DeviceStateListener {

    /**
     * The state of a device changed.
     *
     * @param device as it stands after the change
     * @param before its status before
     */
    void changed(Device device, DeviceStatus before);

    /** A device was deleted. What follows under its name is about another, with later versions. */
    default void deleted(DeviceId id) {}
}
