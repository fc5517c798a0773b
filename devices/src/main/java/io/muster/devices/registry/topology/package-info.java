/** Which gateway speaks for which devices, as the registry keeps it. */
@NullMarked
package io.muster.devices.registry.topology;

import org.jspecify.annotations.NullMarked;
