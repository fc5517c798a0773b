/**
 * How packets look: reason codes, properties, the bytes that are sent. The rules about them are in
 * {@link io.muster.broker.protocol}.
 */
@NullMarked
package io.muster.broker.protocol.packet;

import org.jspecify.annotations.NullMarked;
