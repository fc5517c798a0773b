/**
 * The hub as a whole: the data folder, the first start, and the assembly of all rooms.
 *
 * <p>{@link io.muster.hub.Hub} is the front door; it alone knows which part needs which. Between
 * broker and devices, which do not know each other, stand {@code DeviceClients} (a client comes or
 * goes: a device's state changes) and {@code DeviceStatePublisher} (a state changes: a message).
 */
@NullMarked
package io.muster.hub;

import org.jspecify.annotations.NullMarked;
