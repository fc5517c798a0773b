/** Sockets: listeners, event loops, and the handlers that take bytes to the rules and back. */
@NullMarked
package io.muster.broker.net;

import org.jspecify.annotations.NullMarked;
