/**
 * Load over the wire, for Muster or any other MQTT broker. Imports nothing of ours.
 *
 * <p>{@link io.muster.loadtest.LoadTestCommand} and its sub-commands read the command line. Each
 * makes a {@code Scenario} and gives it to a {@code Run}, which gives a {@code Report}.
 */
@NullMarked
package io.muster.loadtest;

import org.jspecify.annotations.NullMarked;
