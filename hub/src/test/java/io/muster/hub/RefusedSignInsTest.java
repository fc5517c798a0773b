package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those whom a whole hub refuses over MQTT are in its audit log. */
class RefusedSignInsTest {

    private RunningHub running;

    @BeforeEach
    void start(@TempDir Path folder) {
        running = RunningHub.start(folder);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private JsonNode items(String filter) {
        return running.operator()
                .get("/api/v1/audit?act=client.sign-in&" + filter)
                .json()
                .path("items");
    }

    @Test
    void aWrongPasswordIsThereWithNameAndAddressAndARightOneIsNot() throws MqttException {
        MqttClient right = running.connectApplication("backend");
        assertThatThrownBy(() -> running.connect("c1", "anna", "top-secret"))
                .isInstanceOf(MqttException.class);

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(items("object=client:anna")).hasSize(1));
        JsonNode row = items("object=client:anna").get(0);
        assertThat(row.path("actor").asText()).isEqualTo("unknown");
        assertThat(row.path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(row.path("outcome").asText()).isEqualTo("refused");
        assertThat(row.path("detail").asText()).startsWith("bad_credentials: ");
        assertThat(items("limit=10")).hasSize(1);
        assertThat(row.toString()).doesNotContain("top-secret");
        RunningHub.disconnect(right);
    }

    @Test
    void aDisabledDeviceThatTriesIsThereAFewTimes() {
        String secret = running.createDevice("d1");
        running.operator().post("/api/v1/products/demo/devices/d1/disable");
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> running.connectDevice("d1", secret))
                    .isInstanceOf(MqttException.class);
        }

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(items("object=client:d1*")).hasSize(3));
    }
}
