/** The commands for the authority of a hub that does not run. */
@NullMarked
package io.muster.hub.cli.authority;

import org.jspecify.annotations.NullMarked;
