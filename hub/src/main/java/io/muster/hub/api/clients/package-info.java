/**
 * Those who are connected, or want to be, in the management API: clients, bars of the sign-in
 * guard, and the drain that sends everybody elsewhere.
 */
@NullMarked
package io.muster.hub.api.clients;

import org.jspecify.annotations.NullMarked;
