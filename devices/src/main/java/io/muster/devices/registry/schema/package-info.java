/** The migrations of the registry that SQL cannot say; the others are its resources. */
@NullMarked
package io.muster.devices.registry.schema;

import org.jspecify.annotations.NullMarked;
