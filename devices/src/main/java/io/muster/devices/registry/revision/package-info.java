/** Revisions of rows, which say whether somebody has changed them. */
@NullMarked
package io.muster.devices.registry.revision;

import org.jspecify.annotations.NullMarked;
