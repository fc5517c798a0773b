/**
 * The audit log: what was done to the hub and by whom, and who was refused. Everything here that
 * asks the database blocks and belongs on threads that may wait.
 */
@NullMarked
package io.muster.devices.registry.audit;

import org.jspecify.annotations.NullMarked;
