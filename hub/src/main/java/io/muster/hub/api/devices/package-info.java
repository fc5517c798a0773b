/** How devices look in the management API, and how they are asked for. Knows no HTTP server. */
@NullMarked
package io.muster.hub.api.devices;

import org.jspecify.annotations.NullMarked;
