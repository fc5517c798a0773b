/** Files of many devices, as CSV or JSON lines: read line by line, written line by line. */
@NullMarked
package io.muster.hub.bulk;

import org.jspecify.annotations.NullMarked;
