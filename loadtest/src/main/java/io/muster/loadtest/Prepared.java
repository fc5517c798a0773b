package io.muster.loadtest;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.run.Run;

/**
 * A run that can begin, and what has to be closed behind it.
 *
 * @param run to be run once
 * @param client makes its connections
 */
record Prepared(Run run, MqttClient client) implements AutoCloseable {

    @Override
    public void close() {
        client.close();
    }
}
