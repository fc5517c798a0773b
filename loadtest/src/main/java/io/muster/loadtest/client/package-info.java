/**
 * MQTT clients that can be many: our own on few event loops, and Eclipse Paho for plausibility.
 * Knows nothing of load.
 */
@NullMarked
package io.muster.loadtest.client;

import org.jspecify.annotations.NullMarked;
