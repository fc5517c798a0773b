/** The roles of applications in the management API. */
@NullMarked
package io.muster.hub.api.roles;

import org.jspecify.annotations.NullMarked;
