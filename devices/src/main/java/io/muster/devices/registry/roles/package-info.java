/** The roles of applications in the registry database. Everything here blocks. */
@NullMarked
package io.muster.devices.registry.roles;

import org.jspecify.annotations.NullMarked;
