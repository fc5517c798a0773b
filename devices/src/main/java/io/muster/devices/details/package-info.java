/** What is known of a device besides its state: its name, its revision, its last connection. */
@NullMarked
package io.muster.devices.details;

import org.jspecify.annotations.NullMarked;
