/**
 * Firmware: what is offered to the devices of a product, and what they say that they run. What asks
 * the database blocks, and belongs on threads that may wait.
 */
@NullMarked
package io.muster.devices.registry.firmware;

import org.jspecify.annotations.NullMarked;
