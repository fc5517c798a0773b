/** The commands about certificates. */
@NullMarked
package io.muster.hub.cli.certificates;

import org.jspecify.annotations.NullMarked;
