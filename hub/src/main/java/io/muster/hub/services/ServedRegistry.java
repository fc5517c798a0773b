package io.muster.hub.services;

import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.firmware.FirmwareTable;
import java.time.Duration;

/**
 * What the registry keeps for the devices that are served.
 *
 * @param values attributes and tags
 * @param firmware what is offered to devices, and what they say of theirs
 * @param deadline the longest that it may take
 */
public record ServedRegistry(DeviceValues values, FirmwareTable firmware, Duration deadline) {}
