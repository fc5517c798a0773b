/**
 * Products and devices in the management API: how they look, how they are asked for, and what is
 * done with them. {@link io.muster.hub.api.devices.DeviceResources} is the door.
 */
@NullMarked
package io.muster.hub.api.devices;

import org.jspecify.annotations.NullMarked;
