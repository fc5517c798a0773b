package io.muster.devices.registry.search;

import io.muster.devices.details.DeviceRecord;
import java.util.List;
import java.util.Optional;

/**
 * Some of the devices that were looked for.
 *
 * @param devices in order; they may be fewer than were asked for, even none, although there are
 *     more, if many others had to be looked at
 * @param next where to go on; empty if there are no more
 */
public record DevicePage(List<DeviceRecord> devices, Optional<String> next) {}
