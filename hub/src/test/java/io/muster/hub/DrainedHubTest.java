package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub whose clients are sent elsewhere. */
class DrainedHubTest {

    private static final String DRAIN = "/api/v1/drain";

    @Test
    void itsClientsAreDisconnectedAndItIsNotReadyUntilTheDrainEnds(@TempDir Path folder)
            throws Exception {
        try (RunningHub hub = RunningHub.start(folder.resolve("data"))) {
            MqttClient application = hub.connectApplication("backend");
            MqttClient device = hub.connectDevice("demo-device", hub.demo().deviceSecret());
            HttpCaller operator = hub.operator();
            assertThat(operator.get("/health/ready").status()).isEqualTo(200);

            assertThat(operator.post(DRAIN, "{\"perSecond\":100}").status()).isEqualTo(200);

            await().until(() -> !application.isConnected() && !device.isConnected());
            await().until(() -> "OFFLINE".equals(hub.state("demo-device")));
            assertThat(operator.get(DRAIN).json().path("clientsLeft").asInt()).isZero();
            assertThat(operator.get("/health/ready").text()).contains("draining");
            assertThat(operator.get("/metrics").text()).contains("\nmuster_draining 1.0\n");

            assertThat(operator.delete(DRAIN).status()).isEqualTo(204);
            assertThat(operator.get("/health/ready").status()).isEqualTo(200);
            RunningHub.disconnect(hub.connectApplication("backend"));
            application.close();
            device.close();
        }
    }
}
