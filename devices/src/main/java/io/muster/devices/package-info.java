/**
 * Products and devices as values, the states of devices, and the questions that sign-in asks about
 * them.
 *
 * <p>{@code io.muster.devices.registry} keeps them in a database and blocks; {@code
 * io.muster.devices.directory} answers from memory, never blocks, and is what sign-in uses. This
 * room knows neither of the two, and no MQTT.
 */
@NullMarked
package io.muster.devices;

import org.jspecify.annotations.NullMarked;
