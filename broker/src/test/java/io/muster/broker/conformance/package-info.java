/**
 * The conformance kit: each normative statement of MQTT 3.1.1 and 5.0 that binds a server, proved
 * by raw bytes over a socket.
 */
@NullMarked
package io.muster.broker.conformance;

import org.jspecify.annotations.NullMarked;
