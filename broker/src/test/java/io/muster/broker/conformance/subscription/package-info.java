/** MQTT 5.0, sections 3.8 to 3.11, 4.5, 4.7 and 4.8: who is sent which messages. */
@NullMarked
package io.muster.broker.conformance.subscription;

import org.jspecify.annotations.NullMarked;
