/** Whether the registry database can be read and written now, and since when it cannot. */
@NullMarked
package io.muster.devices.outage;

import org.jspecify.annotations.NullMarked;
