/** Gateways in the management API. */
@NullMarked
package io.muster.hub.api.gateways;

import org.jspecify.annotations.NullMarked;
