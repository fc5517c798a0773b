/**
 * What is known of devices right now, in memory: the view that never blocks, the states of devices
 * and how they get back to the registry.
 */
@NullMarked
package io.muster.devices.directory;

import org.jspecify.annotations.NullMarked;
