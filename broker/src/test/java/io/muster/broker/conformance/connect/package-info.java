/** CONNECT and CONNACK of MQTT 5.0. */
@NullMarked
package io.muster.broker.conformance.connect;

import org.jspecify.annotations.NullMarked;
