/** MQTT 5.0, sections 3.4 to 3.7, 4.3 to 4.6, 4.9 and 4.10: how messages are handed over. */
@NullMarked
package io.muster.broker.conformance.delivery;

import org.jspecify.annotations.NullMarked;
