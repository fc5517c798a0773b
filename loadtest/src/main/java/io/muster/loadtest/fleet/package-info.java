/** Who signs in: made by the management API of a hub, read from a file, or anonymous. */
@NullMarked
package io.muster.loadtest.fleet;

import org.jspecify.annotations.NullMarked;
