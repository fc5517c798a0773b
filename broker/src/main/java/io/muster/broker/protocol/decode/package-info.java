/**
 * What clients send, from bytes to values: one class for each kind of packet, and the fields and
 * properties that they are made of. Strict: what the specification does not allow never leaves this
 * room.
 */
@NullMarked
package io.muster.broker.protocol.decode;

import org.jspecify.annotations.NullMarked;
