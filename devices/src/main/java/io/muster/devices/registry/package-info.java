/**
 * The registry database: products, devices and application accounts in SQLite or PostgreSQL.
 * Everything here blocks and belongs on threads that may wait.
 */
@NullMarked
package io.muster.devices.registry;

import org.jspecify.annotations.NullMarked;
