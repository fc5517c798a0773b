/**
 * Devices as the broker's clients: between broker and devices, which do not know each other, stand
 * {@code DeviceClients} (a client comes or goes: a device's state changes), {@code
 * DeviceStatePublisher} (a state changes: a message), and what ends sessions when the registry
 * changes. Devices that come to fetch their secret are told it here, too.
 */
@NullMarked
package io.muster.hub.devices;

import org.jspecify.annotations.NullMarked;
