package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import java.time.Instant;

/**
 * A device that a gateway speaks for.
 *
 * @param id the device
 * @param gateway who speaks for it
 * @param addedAt since when
 */
public record SubDevice(DeviceId id, DeviceId gateway, Instant addedAt) {}
