/** Chapters 1 and 2 of MQTT 5.0: how values and packets are written. */
@NullMarked
package io.muster.broker.conformance.format;

import org.jspecify.annotations.NullMarked;
