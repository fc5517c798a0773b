/** Changes of the registry: in which order they are made, and who is told of them. */
@NullMarked
package io.muster.devices.registry.change;

import org.jspecify.annotations.NullMarked;
