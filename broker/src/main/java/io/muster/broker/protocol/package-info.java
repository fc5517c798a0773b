/**
 * The rules of MQTT: one flow for each kind of packet, from what was decoded to what the session
 * does, and the packets that go back. Netty's buffers are known here, its channels are not.
 */
@NullMarked
package io.muster.broker.protocol;

import org.jspecify.annotations.NullMarked;
