/**
 * Sessions: what a client is owed, across its connections. Plain Java without sockets: a test
 * drives it with a loop of its own and a fake clock.
 *
 * <p>A session belongs to one {@link io.muster.broker.session.SessionLoop} for its whole life.
 * Others reach it only through that loop's mailbox.
 */
@NullMarked
package io.muster.broker.session;

import org.jspecify.annotations.NullMarked;
