/** The start of a hub, which must be quick: nothing here needs picocli. */
@NullMarked
package io.muster.hub.cli.start;

import org.jspecify.annotations.NullMarked;
