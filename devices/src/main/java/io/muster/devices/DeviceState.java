package io.muster.devices;

import java.time.Instant;

/**
 * The state of a device.
 *
 * @param status what is shown
 * @param version grows with every change of this device, also across restarts, so that a consumer
 *     can drop what came late
 * @param since when the device took this state
 */
public record DeviceState(DeviceStatus status, long version, Instant since) {}
