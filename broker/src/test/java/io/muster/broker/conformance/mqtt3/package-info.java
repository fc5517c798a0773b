/**
 * The conformance kit's tests of MQTT 3.1.1, and of MQTT 3.1 where it differs. One class for each
 * chapter of the specification, or for a part of it.
 */
@NullMarked
package io.muster.broker.conformance.mqtt3;

import org.jspecify.annotations.NullMarked;
