package io.muster.hub.devices;

import io.muster.auth.guard.Bars;
import io.muster.auth.secret.DeviceClaim;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.directory.DeviceStateListener;

/**
 * Lets devices in at once that are enabled again: what they tried while they were disabled is
 * forgotten. Called by a thread of the directory.
 */
public final class EnabledDevices implements DeviceStateListener {

    private final Bars bars;

    /** Lifts these. */
    public EnabledDevices(Bars bars) {
        this.bars = bars;
    }

    @Override
    public void changed(Device device, DeviceStatus before) {
        if (before == DeviceStatus.DISABLED) {
            DeviceId id = device.id();
            bars.forgive(DeviceClaim.username(id));
        }
    }
}
