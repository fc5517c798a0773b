/**
 * Products, devices, their secrets and their states, and the registry database that keeps them.
 *
 * <p>{@link io.muster.devices.DeviceRegistry} and {@link io.muster.devices.ApplicationRegistry}
 * speak SQL and block; {@link io.muster.devices.DeviceDirectory} answers from memory, never blocks,
 * and is what sign-in uses. This room knows no MQTT.
 */
@NullMarked
package io.muster.devices;

import org.jspecify.annotations.NullMarked;
