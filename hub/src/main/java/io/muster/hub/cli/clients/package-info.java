/** The commands about those who are connected, or want to be: clients, bars, the drain. */
@NullMarked
package io.muster.hub.cli.clients;

import org.jspecify.annotations.NullMarked;
