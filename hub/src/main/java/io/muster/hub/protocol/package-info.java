/**
 * How the device protocol looks on the wire: topics, envelopes, codes. What is in it is done in
 * {@code io.muster.hub.services} and {@code io.muster.hub.commands}.
 */
@NullMarked
package io.muster.hub.protocol;

import org.jspecify.annotations.NullMarked;
