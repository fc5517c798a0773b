package io.muster.hub.api.devices;

import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.commands.Commands;
import io.muster.hub.devices.DeviceSessions;
import io.muster.hub.gateways.Gateways;

/**
 * Products and devices, as the management API shows and changes them.
 *
 * @param registry what is registered
 * @param records what is known of devices, and finds them by that
 * @param values attributes and tags
 * @param firmware what is offered to devices, and what they say of theirs
 * @param directory live states
 * @param sessions the connections and sessions of devices
 * @param commands asks devices to do something
 * @param gateways who speaks for devices
 */
public record ManagedDevices(
        DeviceRegistry registry,
        DeviceRecords records,
        DeviceValues values,
        FirmwareTable firmware,
        DeviceDirectory directory,
        DeviceSessions sessions,
        Commands commands,
        Gateways gateways) {}
