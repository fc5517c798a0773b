/** PUBLISH of MQTT 5.0. */
@NullMarked
package io.muster.broker.conformance.publish;

import org.jspecify.annotations.NullMarked;
