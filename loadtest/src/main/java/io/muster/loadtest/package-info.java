/**
 * Load over the wire, for Muster or any other MQTT broker. Imports nothing of ours.
 *
 * <p>{@link io.muster.loadtest.LoadTestCommand} reads the command line, {@code DeviceFleet} knows
 * who signs in, {@code LoadTest} runs a {@code Scenario} with {@code Publisher}s and {@code
 * Receiver}s over an {@code MqttClient}, and {@code LatencyReport} says what came of it.
 */
@NullMarked
package io.muster.loadtest;

import org.jspecify.annotations.NullMarked;
