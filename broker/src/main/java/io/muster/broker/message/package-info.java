/**
 * What is routed: messages, payloads, quality of service. Immutable values; the lowest room, it
 * imports no other.
 */
@NullMarked
package io.muster.broker.message;

import org.jspecify.annotations.NullMarked;
