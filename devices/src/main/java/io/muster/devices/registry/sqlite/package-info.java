/** The file of an SQLite registry, as a file. */
@NullMarked
package io.muster.devices.registry.sqlite;

import org.jspecify.annotations.NullMarked;
