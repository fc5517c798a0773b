/**
 * MQTT over WebSocket [MQTT-6.0.0]: the HTTP handshake, and the frames around the bytes. Above it
 * are bytes only. Only the pipeline of {@code net} comes in here.
 */
@NullMarked
package io.muster.broker.net.websocket;

import org.jspecify.annotations.NullMarked;
