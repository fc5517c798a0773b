/** MQTT 5.0, sections 3.15 and 4.12: enhanced authentication. */
@NullMarked
package io.muster.broker.conformance.authentication;

import org.jspecify.annotations.NullMarked;
