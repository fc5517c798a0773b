package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator decides of a product, as its devices feel it, at a whole hub. */
class ProductPolicyTest {

    private static final String PRODUCT = "/api/v1/products/demo";
    private static final String TIMESTAMP = "1700000000000";

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final List<MqttClient> clients = new ArrayList<>();
    private RunningHub running;
    private String secret;

    @BeforeEach
    void start(@TempDir Path folder) {
        running = RunningHub.start(folder);
        secret = running.createDevice("d1");
    }

    @AfterEach
    void stop() throws MqttException {
        for (MqttClient client : clients) {
            if (client.isConnected()) {
                RunningHub.disconnect(client);
            }
        }
        running.close();
    }

    private void change(String settings) {
        assertThat(running.operator().patch(PRODUCT, settings).status()).isEqualTo(200);
    }

    private MqttClient device() throws MqttException {
        return kept(running.connectDevice("d1", secret));
    }

    private MqttClient kept(MqttClient client) {
        clients.add(client);
        return client;
    }

    private void connect(SignMethod method, String timestamp) throws MqttException {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", "d1"), Secret.of(secret), method, timestamp);
        kept(running.connect(signed.clientId(), signed.username(), signed.password()));
    }

    private void assertRefused(int code, Connecting connecting) {
        assertThatExceptionOfType(MqttException.class)
                .isThrownBy(connecting::run)
                .matches(refused -> refused.getReasonCode() == code);
    }

    private interface Connecting {
        void run() throws MqttException;
    }

    private static void publish(MqttClient client, String topic, String text) throws MqttException {
        client.publish(topic, text.getBytes(StandardCharsets.UTF_8), 0, false);
    }

    private void listen(MqttClient client, String filter) throws MqttException {
        client.subscribe(
                filter,
                0,
                (topic, message) ->
                        received.add(topic + " " + RunningHub.text(message.getPayload())));
    }

    private String take() throws InterruptedException {
        return String.valueOf(received.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void changedTopicRulesTakeHoldOnALiveConnection() throws Exception {
        MqttClient application = kept(running.connectApplication("backend"));
        MqttClient device = device();
        change("{\"topics\":[\"allow subscribe news/${productKey}/#\"]}");
        listen(device, "news/demo/#");
        publish(application, "news/demo/1", "first");
        assertThat(take()).isEqualTo("news/demo/1 first");

        change("{\"topics\":[\"allow subscribe ${productKey}/${deviceKey}/in\"]}");
        listen(device, "demo/d1/in");
        publish(application, "news/demo/2", "second");
        publish(application, "demo/d1/in", "third");

        assertThat(take()).as("the subscription has ended").isEqualTo("demo/d1/in third");
        assertThat(device.isConnected()).isTrue();
    }

    @Test
    void aDeviceThatIsDeniedATopicIsNotHeardThereAnyMore() throws Exception {
        MqttClient application = kept(running.connectApplication("backend"));
        listen(application, "demo/d1/#");
        MqttClient device = device();
        publish(device, "demo/d1/out", "first");
        assertThat(take()).isEqualTo("demo/d1/out first");

        change("{\"topics\":[\"deny publish ${productKey}/${deviceKey}/out\"]}");
        publish(device, "demo/d1/out", "second");
        MqttClient after = device.isConnected() ? device : device();
        await().until(() -> !device.isConnected() || received.isEmpty());
        publish(after.isConnected() ? after : device(), "demo/d1/other", "third");

        assertThat(take()).isEqualTo("demo/d1/other third");
    }

    @Test
    void aSessionThatIsResumedLosesWhatItsProductDeniesByThen() throws Exception {
        change("{\"topics\":[\"allow subscribe news/#\"]}");
        MqttClient application = kept(running.connectApplication("backend"));
        MqttClient before = running.connectLasting("d1", secret);
        before.subscribe("news/#", 1);
        RunningHub.disconnect(before);
        change("{\"topics\":[]}");

        MqttClient after = kept(running.connectLasting("d1", secret));
        listen(after, "demo/d1/in");
        application.publish("news/1", "x".getBytes(StandardCharsets.UTF_8), 1, false);
        publish(application, "demo/d1/in", "y");

        assertThat(take()).isEqualTo("demo/d1/in y");
    }

    @Test
    void aProductAllowsWeakDigests() throws Exception {
        assertRefused(4, () -> connect(SignMethod.SHA1, TIMESTAMP));

        change("{\"signIn\":{\"allowWeakDigests\":true}}");

        connect(SignMethod.SHA1, TIMESTAMP);
    }

    @Test
    void timestampsOfAProductMustNotGoBack() throws Exception {
        change("{\"signIn\":{\"timestampsAscend\":true}}");
        connect(SignMethod.SHA256, "1700000000001");
        connect(SignMethod.SHA256, "1700000000001");

        assertRefused(4, () -> connect(SignMethod.SHA256, TIMESTAMP));

        change("{\"signIn\":null}");
        connect(SignMethod.SHA256, TIMESTAMP);
    }

    @Test
    void whereACertificateIsRequiredNobodyComesInWithoutOne() throws Exception {
        change("{\"certificateRequired\":true}");

        assertRefused(5, () -> connect(SignMethod.SHA256, TIMESTAMP));

        change("{\"certificateRequired\":false}");
        connect(SignMethod.SHA256, TIMESTAMP);
    }

    @Test
    void aConnectedDeviceThatSendsNoDataGoesOfflineAndComesBackWithData() throws Exception {
        change("{\"idleLimitSeconds\":2}");
        MqttClient device = device();
        assertThat(running.state("d1")).isEqualTo("ONLINE");

        // A PUBACK, a SUBSCRIBE or a PINGREQ is life, but no data.
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            device.subscribe("demo/d1/in", 0);
                            return running.state("d1").equals("OFFLINE");
                        });
        assertThat(device.isConnected()).isTrue();

        publish(device, "demo/d1/out", "data");
        await().until(() -> running.state("d1").equals("ONLINE"));

        change("{\"idleLimitSeconds\":1}");
        await().atMost(Duration.ofSeconds(20)).until(() -> running.state("d1").equals("OFFLINE"));
        change("{\"idleLimitSeconds\":null}");
        assertThat(running.state("d1")).isEqualTo("ONLINE");
    }

    @Test
    void anUnknownDeviceRegistersItselfAndIsOneLikeAnyOther() throws Exception {
        change("{\"dynamicActivation\":true}");
        assertRefused(4, () -> activate("n1"));
        change("{\"selfRegistration\":true}");

        activate("n1");
        assertThat(running.state("n1")).isEqualTo("INACTIVE");
        activate("n1");
        String deviceSecret =
                running.operator()
                        .get(PRODUCT + "/devices/n1/secret")
                        .json()
                        .path("deviceSecret")
                        .asText();
        kept(running.connectDevice("n1", deviceSecret));

        assertThat(running.state("n1")).isEqualTo("ONLINE");
        assertRefused(5, () -> activate("n1"));
    }

    private void activate(String deviceKey) throws MqttException {
        String productSecret =
                running.operator().get(PRODUCT + "/secret").json().path("productSecret").asText();
        String proof =
                new DeviceSignature(SignMethod.SHA256, deviceKey, deviceKey, "demo", TIMESTAMP)
                        .compute(Secret.of(productSecret));
        kept(
                running.connect(
                        deviceKey + "|securemode=3,signmethod=sha256,timestamp=" + TIMESTAMP + "|",
                        deviceKey + "&demo",
                        proof));
    }
}
