/**
 * The command line. {@link io.muster.hub.cli.Muster} is the door, {@code Commands} the table of all
 * commands; a command reads the configuration, and then starts the hub or speaks to a running one.
 * Those about something in a running hub are in the room that is named after it.
 */
@NullMarked
package io.muster.hub.cli;

import org.jspecify.annotations.NullMarked;
