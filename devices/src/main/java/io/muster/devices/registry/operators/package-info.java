/**
 * Who may manage the hub: accounts of people and API keys, with their roles. Everything here that
 * asks the database blocks and belongs on threads that may wait.
 */
@NullMarked
package io.muster.devices.registry.operators;

import org.jspecify.annotations.NullMarked;
