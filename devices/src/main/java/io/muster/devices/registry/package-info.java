/**
 * The registry database, in SQLite or PostgreSQL, with its products and devices; what else is in it
 * has rooms of its own. Everything here blocks and belongs on threads that may wait.
 */
@NullMarked
package io.muster.devices.registry;

import org.jspecify.annotations.NullMarked;
