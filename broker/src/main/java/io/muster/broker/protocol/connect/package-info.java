/**
 * From CONNECT to CONNACK: what is asked for, who asks, and the session that is opened. Above the
 * flows of signed-in clients, which do not know it.
 */
@NullMarked
package io.muster.broker.protocol.connect;

import org.jspecify.annotations.NullMarked;
