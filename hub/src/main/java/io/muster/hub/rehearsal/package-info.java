/** A start of the hub that serves nobody, so that Java sees what a start needs. */
@NullMarked
package io.muster.hub.rehearsal;

import org.jspecify.annotations.NullMarked;
