package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub in a process of its own whose files cannot grow any more. */
class FullDiskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DEVICES = "/api/v1/products/demo/devices";

    @Test
    void devicesGoOnSigningInAndTheirStatesFollowOnceThereIsRoom(@TempDir Path home)
            throws Exception {
        try (HubProcess hub = HubProcess.start(home, Map.of())) {
            HttpCaller operator = hub.operator();
            String secret = create(operator, "d1");
            String other = create(operator, "d2");
            if (!hub.limitFiles(Optional.of(0L))) {
                throw Requirement.PRLIMIT.missing("no prlimit here");
            }

            MqttClient first = connect(hub, "d1", secret);
            // In memory is neither it nor its state: reading works.
            MqttClient second = connect(hub, "d2", other);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(ready(operator).text())
                                            .as(hub.err())
                                            .contains("cannot be written"));

            assertThat(operator.post(DEVICES, "{}").status()).isEqualTo(503);
            assertThat(ready(operator).status()).isEqualTo(503);
            assertThat(operator.withoutToken().get("/metrics").text())
                    .contains(
                            "muster_registry_available{operation=\"read\"} 1.0",
                            "muster_registry_available{operation=\"write\"} 0.0",
                            "muster_device_states_waiting 2.0");

            hub.limitFiles(Optional.empty());
            await().atMost(PATIENCE).until(() -> ready(operator).status() == 200);
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    operator.withoutToken()
                                            .get("/metrics")
                                            .text()
                                            .contains("muster_device_states_waiting 0.0"));
            assertThat(operator.post(DEVICES, "{}").status()).isEqualTo(201);
            // That it began is lost: the file of the log could not grow either.
            assertThat(hub.err()).containsOnlyOnce("registry outage is over");
            first.disconnect();
            second.disconnect();
        }
    }

    private static HttpCaller.Answer ready(HttpCaller operator) {
        return operator.withoutToken().get("/health/ready");
    }

    private static String create(HttpCaller operator, String deviceKey) {
        JsonNode created = operator.post(DEVICES, "{\"deviceKey\":\"" + deviceKey + "\"}").json();
        return created.path("deviceSecret").asText();
    }

    private static MqttClient connect(HubProcess hub, String deviceKey, String secret)
            throws Exception {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", deviceKey),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        MqttClient client =
                new MqttClient(
                        "tcp://127.0.0.1:" + hub.mqttPort(),
                        signed.clientId(),
                        new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setUserName(signed.username());
        options.setPassword(signed.password().toCharArray());
        client.connect(options);
        return client;
    }
}
