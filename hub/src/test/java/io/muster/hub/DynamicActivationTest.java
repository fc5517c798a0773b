package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.devices.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may fetch the secret of a device, and what may be done meanwhile, at a whole hub. */
class DynamicActivationTest {

    private static final String TIMESTAMP = "1700000000000";
    private static final String INFO = "/ext/session/pump/d1/thing/activate/info";
    private static final String REPLY = INFO + "_reply";
    private static final int BAD_CREDENTIALS = 4;
    private static final int NOT_AUTHORIZED = 5;

    private RunningHub running;
    private String productSecret;
    private String deviceSecret;

    @BeforeEach
    void startWithADevice(@TempDir Path folder) {
        running = RunningHub.start(folder);
        productSecret = createProduct("pump", true);
        deviceSecret =
                running.operator()
                        .post("/api/v1/products/pump/devices", "{\"deviceKey\":\"d1\"}")
                        .json()
                        .path("deviceSecret")
                        .asText();
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private String createProduct(String key, boolean dynamicActivation) {
        return running.operator()
                .post(
                        "/api/v1/products",
                        "{\"productKey\":\"%s\",\"dynamicActivation\":%s}"
                                .formatted(key, dynamicActivation))
                .json()
                .path("productSecret")
                .asText();
    }

    private String state() {
        return running.operator()
                .get("/api/v1/products/pump/devices/d1")
                .json()
                .path("state")
                .asText();
    }

    /** A client that keeps what it is sent. */
    private final class Sdk implements MqttCallback {

        private final BlockingQueue<String> topics = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> payloads = new LinkedBlockingQueue<>();
        private @Nullable MqttClient client;

        private MqttClient client() {
            return Objects.requireNonNull(client);
        }

        private Sdk connect(int mode, String secret) throws MqttException {
            String digest =
                    new DeviceSignature(SignMethod.SHA256, "d1", "d1", "pump", TIMESTAMP)
                            .compute(Secret.of(secret));
            MqttClient connecting =
                    new MqttClient(
                            running.mqttUri(),
                            "d1|securemode=%d,signmethod=sha256,timestamp=%s|"
                                    .formatted(mode, TIMESTAMP),
                            new MemoryPersistence());
            connecting.setCallback(this);
            MqttConnectOptions options = new MqttConnectOptions();
            options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
            options.setUserName("d1&pump");
            options.setPassword(digest.toCharArray());
            try {
                connecting.connect(options);
            } catch (MqttException refused) {
                connecting.close();
                throw refused;
            }
            client = connecting;
            return this;
        }

        /** The secret that it is told, without having subscribed to anything. */
        private String awaitSecret() throws InterruptedException, IOException {
            assertThat(topics.poll(10, TimeUnit.SECONDS)).isEqualTo(INFO);
            String payload = String.valueOf(payloads.poll());
            assertThat(payload).doesNotContain(": ");
            JsonNode info = JsonMapper.builder().build().readTree(payload);
            assertThat(info.path("method").asText()).isEqualTo("thing.activate.info");
            JsonNode params = info.path("params");
            assertThat(params.path("productKey").asText()).isEqualTo("pump");
            assertThat(params.path("deviceKey").asText()).isEqualTo("d1");
            assertThat(params.path("assetId").asText()).isNotEmpty();
            return params.path("deviceSecret").asText();
        }

        private void reply(int qos, String json) throws MqttException {
            client().publish(REPLY, json.getBytes(StandardCharsets.UTF_8), qos, false);
        }

        private void leave() throws MqttException {
            RunningHub.disconnect(client());
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            payloads.add(RunningHub.text(message.getPayload()));
            topics.add(topic);
        }

        @Override
        public void connectionLost(Throwable cause) {}

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}
    }

    private void assertRefused(Sdk sdk, int mode, String secret, int code) {
        assertThatThrownBy(() -> sdk.connect(mode, secret))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .extracting(MqttException::getReasonCode)
                .isEqualTo(code);
    }

    @Test
    void isRefusedWhereTheProductHasItSwitchedOff() {
        productSecret = createProduct("valve", false);
        running.operator().post("/api/v1/products/valve/devices", "{\"deviceKey\":\"d1\"}");
        String digest =
                new DeviceSignature(SignMethod.SHA256, "d1", "d1", "valve", TIMESTAMP)
                        .compute(Secret.of(productSecret));

        assertThatThrownBy(
                        () ->
                                running.connect(
                                        "d1|securemode=3,signmethod=sha256,timestamp=%s|"
                                                .formatted(TIMESTAMP),
                                        "d1&valve",
                                        digest))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .extracting(MqttException::getReasonCode)
                .isEqualTo(BAD_CREDENTIALS);
    }

    @Test
    void isRefusedAsSoonAsTheProductHasItSwitchedOff() throws Exception {
        Sdk activating = new Sdk().connect(3, productSecret);
        activating.awaitSecret();
        activating.leave();

        running.operator().patch("/api/v1/products/pump", "{\"dynamicActivation\":false}");

        assertRefused(new Sdk(), 3, productSecret, BAD_CREDENTIALS);
    }

    @Test
    void theWrongProductSecretIsRefused() {
        assertRefused(new Sdk(), 3, deviceSecret, BAD_CREDENTIALS);
    }

    @Test
    void mayDoNothingElseMeanwhile() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        MqttClient application = running.connectApplication("watcher");
        application.subscribe("#", 1, (topic, message) -> heard.add(topic));
        Sdk activating = new Sdk().connect(3, productSecret);
        activating.awaitSecret();

        assertThatThrownBy(() -> activating.client().subscribe("/sys/pump/d1/#", 1))
                .isInstanceOf(MqttException.class);
        activating.client().publish("/sys/pump/d1/thing/measurepoint/post", new byte[1], 1, false);
        activating.reply(1, "{\"id\":\"1\",\"code\":200}");

        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(REPLY);
        activating.leave();
        RunningHub.disconnect(application);
    }

    @Test
    void aConnectedDeviceIsNotDisturbedByWhoHasTheSecretOfItsProduct() throws Exception {
        Sdk device = new Sdk().connect(2, deviceSecret);

        assertRefused(new Sdk(), 3, productSecret, NOT_AUTHORIZED);

        assertThat(device.client().isConnected()).isTrue();
        assertThat(state()).isEqualTo("ONLINE");
        device.leave();
    }

    @Test
    void endsWhenTheDeviceIsDisabled() throws Exception {
        Sdk activating = new Sdk().connect(3, productSecret);
        activating.awaitSecret();

        running.operator().post("/api/v1/products/pump/devices/d1/disable");

        Awaitility.await().until(() -> !activating.client().isConnected());
        activating.client().close();
        assertRefused(new Sdk(), 3, productSecret, NOT_AUTHORIZED);
    }
}
