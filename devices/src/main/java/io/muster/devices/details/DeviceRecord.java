package io.muster.devices.details;

import io.muster.devices.Device;

/**
 * A device with all that the registry knows of it, but for its attributes and tags.
 *
 * @param device as it stands
 * @param details what else is known of it
 */
public record DeviceRecord(Device device, DeviceDetails details) {}
