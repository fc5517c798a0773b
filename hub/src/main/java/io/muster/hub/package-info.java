/**
 * The hub as a whole: the data folder, the first start, and the assembly of all rooms.
 *
 * <p>{@link io.muster.hub.Hub} is the front door; it alone knows which part needs which.
 */
@NullMarked
package io.muster.hub;

import org.jspecify.annotations.NullMarked;
