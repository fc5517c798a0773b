/** MQTT 5.0, sections 3.12 to 3.14, 4.1, 4.2, 4.11 and 4.13: how connections and sessions end. */
@NullMarked
package io.muster.broker.conformance.ending;

import org.jspecify.annotations.NullMarked;
