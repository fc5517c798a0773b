package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;

/** A device that is connected and publishes nothing. Any thread may call it. */
record IdleDevice(Measurement measurement) implements MqttClient.Listener {

    @Override
    public void problem(String sentence) {
        measurement.error(sentence);
    }

    @Override
    public void lost(String reason) {
        measurement.disconnected("a device lost its connection: " + reason);
    }
}
