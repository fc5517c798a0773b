/** How log lines look. */
@NullMarked
package io.muster.hub.log;

import org.jspecify.annotations.NullMarked;
