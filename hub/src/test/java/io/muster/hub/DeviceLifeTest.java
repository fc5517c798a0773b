package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.hub.HttpCaller.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device at a whole hub, seen from its socket, from the management API and by an application. */
class DeviceLifeTest {

    private static final int BAD_CREDENTIALS = 4;
    private static final int NOT_AUTHORIZED = 5;

    private RunningHub running;
    private String secret;

    @BeforeEach
    void startWithADevice(@TempDir Path folder) {
        running = RunningHub.start(folder);
        secret = running.createDevice("d1");
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private void awaitState(String state) {
        Awaitility.await().until(() -> running.state("d1").equals(state));
    }

    private Answer post(String action) {
        return running.operator().post("/api/v1/products/demo/devices/d1/" + action);
    }

    private static void assertCode(MqttException failure, int code) {
        assertThat(failure.getReasonCode()).isEqualTo(code);
    }

    private void assertRefused(String deviceKey, String withSecret, int code) {
        assertThatThrownBy(() -> running.connectDevice(deviceKey, withSecret))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(failure -> assertCode(failure, code));
    }

    @Test
    void isOnlineWhileItIsConnected() throws MqttException {
        assertThat(running.state("d1")).isEqualTo("INACTIVE");

        MqttClient device = running.connectDevice("d1", secret);
        assertThat(running.state("d1")).isEqualTo("ONLINE");

        RunningHub.disconnect(device);
        awaitState("OFFLINE");
    }

    @Test
    void aWrongSecretAndAnUnknownDeviceAreRefusedAlike() {
        assertRefused("d1", "not-the-secret", BAD_CREDENTIALS);
        assertRefused("nobody", secret, BAD_CREDENTIALS);
        assertThat(running.state("d1")).isEqualTo("INACTIVE");
    }

    @Test
    void disablingEndsItsConnectionAndRefusesTheNext() throws MqttException {
        MqttClient device = running.connectDevice("d1", secret);

        Answer answer = post("disable");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("DISABLED");
        assertThat(running.operator().get("/api/v1/clients/demo/d1").status()).isEqualTo(404);
        Awaitility.await().until(() -> !device.isConnected());
        device.close();
        assertRefused("d1", secret, NOT_AUTHORIZED);
        assertRefused("d1", "not-the-secret", BAD_CREDENTIALS);
    }

    @Test
    void isLetInNowhereElseEitherWhereItIsImportedAsDisabled() throws MqttException {
        String file = "deviceKey,deviceSecret,state\nd2,secret-of-d2,DISABLED\n";
        running.operator().post("/api/v1/products/demo/import", "text/csv", file);

        assertThat(running.state("d2")).isEqualTo("DISABLED");
        assertRefused("d2", "secret-of-d2", NOT_AUTHORIZED);
        running.operator().post("/api/v1/products/demo/devices/d2/enable");
        assertThat(running.state("d2")).isEqualTo("INACTIVE");
        RunningHub.disconnect(running.connectDevice("d2", "secret-of-d2"));
    }

    @Test
    void mayConnectAgainOnceItIsEnabled() throws MqttException {
        RunningHub.disconnect(running.connectDevice("d1", secret));
        awaitState("OFFLINE");
        post("disable");

        assertThat(post("enable").json().path("state").asText()).isEqualTo("OFFLINE");

        MqttClient device = running.connectDevice("d1", secret);
        assertThat(running.state("d1")).isEqualTo("ONLINE");
        RunningHub.disconnect(device);
    }

    @Test
    void deletingItEndsItsConnectionAndLeavesNothingOfIt() throws Exception {
        List<String> states = new CopyOnWriteArrayList<>();
        MqttClient application = running.connectApplication("watcher");
        application.subscribe(
                "$muster/devices/demo/d1/state",
                1,
                (topic, message) -> states.add(RunningHub.text(message.getPayload())));
        MqttClient device = running.connectLasting("d1", secret);
        device.subscribe("demo/d1/commands", 1);
        RunningHub.disconnect(device);
        awaitState("OFFLINE");
        application.publish("demo/d1/commands", "old".getBytes(StandardCharsets.UTF_8), 1, false);
        MqttClient thief = running.connectDevice("d1", secret);

        assertThat(running.operator().delete("/api/v1/products/demo/devices/d1").status())
                .isEqualTo(204);

        assertThat(running.operator().get("/api/v1/clients/demo/d1").status()).isEqualTo(404);
        Awaitility.await().until(() -> !thief.isConnected());
        thief.close();
        assertRefused("d1", secret, BAD_CREDENTIALS);
        Awaitility.await()
                .until(() -> !states.isEmpty() && states.get(states.size() - 1).isEmpty());
        long lastVersion = version(states.get(states.size() - 2));

        String next = running.createDevice("d1");
        assertThat(running.state("d1")).isEqualTo("INACTIVE");
        assertRefused("d1", secret, BAD_CREDENTIALS);
        List<String> commands = new CopyOnWriteArrayList<>();
        MqttClient again = running.connectLasting("d1", next);
        again.subscribe(
                "demo/d1/commands",
                1,
                (topic, message) -> commands.add(RunningHub.text(message.getPayload())));
        application.publish("demo/d1/commands", "new".getBytes(StandardCharsets.UTF_8), 1, false);

        Awaitility.await().until(() -> !commands.isEmpty());
        assertThat(commands).containsExactly("new");
        Awaitility.await().until(() -> !states.get(states.size() - 1).isEmpty());
        assertThat(version(states.get(states.size() - 1))).isGreaterThan(lastVersion);
        RunningHub.disconnect(again);
        RunningHub.disconnect(application);
    }

    private static long version(String state) throws Exception {
        return new JsonMapper().readTree(state).path("version").asLong();
    }

    @Test
    void aDeletedDeviceHasNoRetainedStateAndLeavesTheCounts() throws Exception {
        RunningHub.disconnect(running.connectDevice("d1", secret));
        awaitState("OFFLINE");

        running.operator().delete("/api/v1/products/demo/devices/d1");

        String metrics = running.operator().withoutToken().get("/metrics").text();
        assertThat(metrics).contains("muster_devices{state=\"offline\"} 0.0");
        List<MqttMessage> received = new CopyOnWriteArrayList<>();
        MqttClient application = running.connectApplication("late");
        Awaitility.await()
                .until(
                        () -> {
                            received.clear();
                            application.subscribe(
                                    "$muster/devices/demo/#",
                                    1,
                                    (topic, message) -> {
                                        if (message.isRetained() && topic.contains("/d1/")) {
                                            received.add(message);
                                        }
                                    });
                            application.unsubscribe("$muster/devices/demo/#");
                            return received.isEmpty();
                        });
        RunningHub.disconnect(application);
    }

    @Test
    void bothItsSecretsAreGoodWhileOneIsReplaced() throws MqttException {
        String next = replaceSecret("{\"overlapSeconds\":3600}");

        RunningHub.disconnect(running.connectDevice("d1", secret));
        RunningHub.disconnect(running.connectDevice("d1", next));
        String last = replaceSecret("{\"overlapSeconds\":3600}");

        assertRefused("d1", secret, BAD_CREDENTIALS);
        RunningHub.disconnect(running.connectDevice("d1", next));
        RunningHub.disconnect(running.connectDevice("d1", last));
    }

    @Test
    void aStolenSecretIsOfNoUseAnyMoreOnceItIsReplacedWithoutAnOverlap() throws MqttException {
        MqttClient thief = running.connectDevice("d1", secret);

        String next = replaceSecret("{\"overlapSeconds\":0}");

        Awaitility.await().until(() -> !thief.isConnected());
        thief.close();
        assertRefused("d1", secret, BAD_CREDENTIALS);
        RunningHub.disconnect(running.connectDevice("d1", next));
    }

    private String replaceSecret(String how) {
        return running.operator()
                .post("/api/v1/products/demo/devices/d1/secret", how)
                .json()
                .path("deviceSecret")
                .asText();
    }

    @Test
    void staysOnlineWhenItsNewConnectionTakesOver() throws MqttException {
        MqttClient old = running.connectDevice("d1", secret);

        MqttClient device = running.connectDevice("d1", secret);

        Awaitility.await().until(() -> !old.isConnected());
        assertThat(running.state("d1")).isEqualTo("ONLINE");
        old.close();
        RunningHub.disconnect(device);
        awaitState("OFFLINE");
    }

    @Test
    void everyChangeOfItsStateIsPublished() throws Exception {
        List<JsonNode> states = new CopyOnWriteArrayList<>();
        MqttClient application = running.connectApplication("watcher");
        application.subscribe(
                "$muster/devices/demo/+/state",
                1,
                (topic, message) -> {
                    JsonNode state = new JsonMapper().readTree(message.getPayload());
                    // How the devices stood before comes once after the start, perhaps only now.
                    if (!state.path("state").asText().equals("INACTIVE")) {
                        assertThat(topic).isEqualTo("$muster/devices/demo/d1/state");
                        states.add(state);
                    }
                });

        RunningHub.disconnect(running.connectDevice("d1", secret));
        awaitState("OFFLINE");
        post("disable");
        post("enable");
        RunningHub.disconnect(running.connectDevice("d1", secret));

        Awaitility.await().until(() -> states.size() == 6);
        assertThat(states)
                .extracting(state -> state.path("state").asText())
                .containsExactly("ONLINE", "OFFLINE", "DISABLED", "OFFLINE", "ONLINE", "OFFLINE");
        assertThat(states)
                .extracting(state -> state.path("version").asLong())
                .isSorted()
                .doesNotHaveDuplicates();
        RunningHub.disconnect(application);
    }

    @Test
    void itsLastStateIsRetained() throws Exception {
        RunningHub.disconnect(running.connectDevice("d1", secret));
        awaitState("OFFLINE");
        List<MqttMessage> received = new CopyOnWriteArrayList<>();
        MqttClient application = running.connectApplication("late");

        application.subscribe(
                "$muster/devices/demo/d1/state", 1, (topic, message) -> received.add(message));

        Awaitility.await()
                .until(
                        () ->
                                received.stream()
                                        .anyMatch(
                                                message ->
                                                        RunningHub.text(message.getPayload())
                                                                .contains("OFFLINE")));
        assertThat(received.get(0).isRetained()).isTrue();
        RunningHub.disconnect(application);
    }

    @Test
    void isListedAsAClientByItsNameWhateverItSent() throws MqttException {
        MqttClient device = running.connectDevice("d1", secret);

        JsonNode client = running.operator().get("/api/v1/clients/demo%2Fd1").json();

        assertThat(client.path("clientId").asText()).isEqualTo("demo/d1");
        assertThat(client.path("sentClientId").asText()).startsWith("d1|securemode=2,");
        assertThat(client.path("principal").asText()).isEqualTo("device:demo/d1");
        assertThat(client.path("address").asText()).isEqualTo("127.0.0.1");
        assertThat(client.path("protocolLevel").asInt()).isEqualTo(4);
        assertThat(client.path("listener").asText()).isEqualTo("mqtt");
        RunningHub.disconnect(device);
    }

    @Test
    void anOperatorCanEndItsConnection() throws MqttException {
        MqttClient device = running.connectDevice("d1", secret);

        assertThat(running.operator().delete("/api/v1/clients/demo/d1").status()).isEqualTo(204);

        Awaitility.await().until(() -> !device.isConnected());
        device.close();
        awaitState("OFFLINE");
        assertThat(running.operator().delete("/api/v1/clients/demo/d1").status()).isEqualTo(404);
    }

    @Test
    void whatItPublishesReachesAnApplication() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        MqttClient application = running.connectApplication("reader");
        application.subscribe(
                "demo/+/telemetry",
                1,
                (topic, message) ->
                        received.add(topic + " " + RunningHub.text(message.getPayload())));
        MqttClient device = running.connectDevice("d1", secret);

        device.publish("demo/d1/telemetry", "21.5".getBytes(StandardCharsets.UTF_8), 1, false);

        Awaitility.await().until(() -> received.equals(List.of("demo/d1/telemetry 21.5")));
        RunningHub.disconnect(device);
        RunningHub.disconnect(application);
    }

    @Test
    void signsInWithMqtt5Too() throws org.eclipse.paho.mqttv5.common.MqttException {
        String username = running.demo().applicationUsername();
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(username);
        options.setPassword(running.demo().applicationPassword().getBytes(StandardCharsets.UTF_8));
        org.eclipse.paho.mqttv5.client.MqttClient client =
                new org.eclipse.paho.mqttv5.client.MqttClient(
                        running.mqttUri(),
                        "five",
                        new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        client.connect(options);

        JsonNode shown = running.operator().get("/api/v1/clients/five").json();

        assertThat(shown.path("protocolLevel").asInt()).isEqualTo(5);
        assertThat(shown.path("principal").asText()).isEqualTo("app:demo-app");
        client.disconnect();
        client.close();
    }

    @Test
    void signInsAndStatesAreCounted() throws MqttException {
        MqttClient device = running.connectDevice("d1", secret);
        assertRefused("d1", "not-the-secret", BAD_CREDENTIALS);

        String metrics = running.operator().withoutToken().get("/metrics").text();

        assertThat(metrics)
                .contains(
                        "muster_sign_ins_total{authenticator=\"device-secret\",outcome=\"accepted\"} 1.0",
                        "muster_sign_ins_total{authenticator=\"device-secret\",outcome=\"bad_credentials\"} 1.0",
                        "muster_devices{state=\"online\"} 1.0",
                        "muster_devices{state=\"inactive\"} 1.0",
                        "muster_devices{state=\"offline\"} 0.0",
                        "muster_devices{state=\"disabled\"} 0.0");
        RunningHub.disconnect(device);
    }
}
