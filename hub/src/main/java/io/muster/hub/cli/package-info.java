/**
 * The command line. {@link io.muster.hub.cli.Muster} is the door; a command reads the
 * configuration, and then starts the hub or speaks to a running one.
 */
@NullMarked
package io.muster.hub.cli;

import org.jspecify.annotations.NullMarked;
