/**
 * What a session keeps between connections, in memory: the default behind {@link
 * io.muster.broker.spi.SessionStore}. Plain Java, confined to the session's loop.
 */
@NullMarked
package io.muster.broker.session.memory;

import org.jspecify.annotations.NullMarked;
