/**
 * The management API: what an operator can see and do over HTTP, and the health and metrics pages.
 *
 * <p>{@link io.muster.hub.api.ManagementApi} is the front door: it starts the server with the
 * resources of the rooms below. Each resource registers its own routes; requests are handled on the
 * HTTP server's threads, which may block, never on an event loop of the broker. Only the assembly
 * in {@code io.muster.hub} enters here.
 */
@NullMarked
package io.muster.hub.api;

import org.jspecify.annotations.NullMarked;
