/** Finding devices by what is known of them, a page at a time, and changing it. */
@NullMarked
package io.muster.devices.registry.search;

import org.jspecify.annotations.NullMarked;
