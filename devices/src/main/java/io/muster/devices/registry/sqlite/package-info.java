/** SQLite on this machine: the file of a registry, as a file, and where its library is kept. */
@NullMarked
package io.muster.devices.registry.sqlite;

import org.jspecify.annotations.NullMarked;
