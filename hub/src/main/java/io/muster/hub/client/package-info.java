/**
 * The client side of the management API, for commands: one class that speaks HTTP, and one
 * exception for whatever goes wrong on the way.
 */
@NullMarked
package io.muster.hub.client;

import org.jspecify.annotations.NullMarked;
