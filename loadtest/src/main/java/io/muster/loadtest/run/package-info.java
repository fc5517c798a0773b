/**
 * Runs a scenario over real connections and says what came of it: {@code TrafficRun} for messages
 * that flow, {@code ConnectRun} for connections alone, {@code BacklogRun} for messages that a
 * broker keeps for subscribers that come later.
 */
@NullMarked
package io.muster.loadtest.run;

import org.jspecify.annotations.NullMarked;
