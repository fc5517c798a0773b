package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Sign-in of devices and applications at a whole hub, with the clients that people use. */
class SignInTest {

    private static RunningHub running;

    private String key;
    private String secret;

    @BeforeAll
    static void start(@TempDir Path folder) {
        running = RunningHub.start(folder);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @BeforeEach
    void createDevice(TestInfo test) {
        key = test.getTestMethod().orElseThrow().getName();
        secret = running.createDevice(key);
    }

    private SignedConnect sign(String timestamp) {
        return DeviceSignature.sign(
                new DeviceId("demo", key), Secret.of(secret), SignMethod.SHA256, timestamp);
    }

    private static Mqtt5BlockingClient client(
            String clientId, AtomicReference<Throwable> disconnected) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(URI.create(running.mqttUri()).getPort())
                .addDisconnectedListener(context -> disconnected.set(context.getCause()))
                .buildBlocking();
    }

    private static Mqtt5ConnAck connect(
            Mqtt5BlockingClient client, String username, String password, boolean lasting) {
        return client.connectWith()
                .cleanStart(!lasting)
                .sessionExpiryInterval(lasting ? 300 : 0)
                .simpleAuth()
                .username(username)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
    }

    private static Mqtt5BlockingClient connect(SignedConnect signed) {
        Mqtt5BlockingClient client = client(signed.clientId(), new AtomicReference<>());
        connect(client, signed.username(), signed.password(), false);
        return client;
    }

    private static void assertRefused(
            String clientId, String username, String password, int reasonCode) {
        assertThatThrownBy(
                        () ->
                                connect(
                                        client(clientId, new AtomicReference<>()),
                                        username,
                                        password,
                                        false))
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused ->
                                assertThat(refused.getMqttMessage().getReasonCode().getCode())
                                        .isEqualTo(reasonCode));
    }

    @Test
    void messagesGoBetweenThreeKindsOfClients() throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        MqttClient three = running.connectApplication("three");
        three.subscribe(
                "demo/" + key + "/#",
                1,
                (topic, message) -> received.add("v3 " + RunningHub.text(message.getPayload())));
        Mqtt5BlockingClient device = connect(sign("1"));
        device.toAsync()
                .subscribeWith()
                .topicFilter("/sys/demo/" + key + "/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(message -> received.add("device " + text(message)))
                .send()
                .join();
        org.eclipse.paho.mqttv5.client.MqttClient five = five("five");

        device.publishWith()
                .topic("demo/" + key + "/up")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload("21.5".getBytes(StandardCharsets.UTF_8))
                .send();
        five.publish("/sys/demo/" + key + "/down", "go".getBytes(StandardCharsets.UTF_8), 1, false);

        Awaitility.await().until(() -> received.size() == 2);
        assertThat(received).containsExactlyInAnyOrder("v3 21.5", "device go");
        five.disconnect();
        five.close();
        device.disconnect();
        RunningHub.disconnect(three);
    }

    private static String text(Mqtt5Publish message) {
        return RunningHub.text(message.getPayloadAsBytes());
    }

    private static org.eclipse.paho.mqttv5.client.MqttClient five(String clientId)
            throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(running.demo().applicationUsername());
        options.setPassword(running.demo().applicationPassword().getBytes(StandardCharsets.UTF_8));
        org.eclipse.paho.mqttv5.client.MqttClient client =
                new org.eclipse.paho.mqttv5.client.MqttClient(
                        running.mqttUri(), clientId, new MemoryPersistence());
        client.connect(options);
        return client;
    }

    @Test
    void whoCannotProveWhoItIsIsRefusedWith0x86() {
        SignedConnect signed = sign("1");
        String username = signed.username();

        assertRefused(signed.clientId(), username, "0".repeat(64), 0x86);
        assertRefused(signed.clientId(), "nobody&demo", signed.password(), 0x86);
        assertRefused(signed.clientId(), key + "&nothing", signed.password(), 0x86);
        assertRefused(sign("2").clientId(), username, signed.password(), 0x86);
        assertRefused("app", running.demo().applicationUsername(), "wrong", 0x86);
        assertRefused("app", "nobody", "wrong", 0x86);
        assertThat(running.state(key)).isEqualTo("INACTIVE");
    }

    @Test
    void aDeviceThatIsDisabledIsRefusedWith0x87() {
        running.operator().post("/api/v1/products/demo/devices/" + key + "/disable");
        SignedConnect signed = sign("1");

        assertRefused(signed.clientId(), signed.username(), signed.password(), 0x87);
        assertRefused(signed.clientId(), signed.username(), "0".repeat(64), 0x86);
    }

    @Test
    void aClientIdentifierThatDoesNotFitIsRefusedWith0x85() {
        SignedConnect signed = sign("1");

        assertRefused("no-options", signed.username(), signed.password(), 0x85);
        assertRefused(
                signed.clientId().replace("sha256", "sha512"),
                signed.username(),
                signed.password(),
                0x85);
    }

    @Test
    void anApplicationCannotTakeOverADeviceByItsName() throws Exception {
        Mqtt5BlockingClient device = connect(sign("1"));

        MqttClient application = running.connectApplication("demo/" + key);

        assertThat(running.operator().get("/api/v1/clients/demo%2F" + key).json().path("principal"))
                .hasToString("\"device:demo/" + key + "\"");
        assertThat(device.getState().isConnected()).isTrue();
        RunningHub.disconnect(application);
        device.disconnect();
    }

    @Test
    void aDeviceMayUseItsOwnTopicsOnly() {
        Mqtt5BlockingClient device = connect(sign("1"));

        device.publishWith().topic("demo/" + key + "/x").qos(MqttQos.AT_LEAST_ONCE).send();
        device.subscribeWith().topicFilter("/sys/demo/" + key + "/+").send();
        for (String other :
                List.of("demo/another/x", "/sys/demo/another/x", "$muster/devices/demo/x/state")) {
            assertThatThrownBy(
                            () ->
                                    device.publishWith()
                                            .topic(other)
                                            .qos(MqttQos.AT_LEAST_ONCE)
                                            .send())
                    .as(other)
                    .isInstanceOfSatisfying(
                            Mqtt5PubAckException.class,
                            refused ->
                                    assertThat(refused.getMqttMessage().getReasonCode().getCode())
                                            .isEqualTo(0x87));
        }
        for (String other : List.of("#", "demo/+/x", "/sys/demo/another/#", "$muster/#")) {
            assertThatThrownBy(() -> device.subscribeWith().topicFilter(other).send())
                    .as(other)
                    .isInstanceOf(Mqtt5SubAckException.class);
        }
        assertThat(device.getState().isConnected()).isTrue();
        device.disconnect();
    }

    @Test
    void itsNewConnectionTakesOverAlthoughItsClientIdentifierChanged() {
        AtomicReference<Throwable> end = new AtomicReference<>();
        SignedConnect first = sign("1");
        Mqtt5BlockingClient old = client(first.clientId(), end);
        connect(old, first.username(), first.password(), false);

        Mqtt5BlockingClient device = connect(sign("2"));

        Awaitility.await().until(() -> end.get() instanceof Mqtt5DisconnectException);
        assertThat(end.get())
                .isInstanceOfSatisfying(
                        Mqtt5DisconnectException.class,
                        told ->
                                assertThat(told.getMqttMessage().getReasonCode())
                                        .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER));
        assertThat(running.state(key)).isEqualTo("ONLINE");
        assertThat(device.getState().isConnected()).isTrue();
        device.disconnect();
    }

    @Test
    void itsSessionIsResumedAlthoughItsClientIdentifierChanged() throws Exception {
        SignedConnect first = sign("1");
        Mqtt5BlockingClient before = client(first.clientId(), new AtomicReference<>());
        assertThat(connect(before, first.username(), first.password(), true).isSessionPresent())
                .isFalse();
        before.subscribeWith().topicFilter("demo/" + key + "/in").send();
        before.disconnect();
        MqttClient application = running.connectApplication("sender");
        application.publish("demo/" + key + "/in", new byte[] {42}, 1, false);
        RunningHub.disconnect(application);

        SignedConnect second = sign("2");
        Mqtt5BlockingClient after = client(second.clientId(), new AtomicReference<>());
        try (Mqtt5BlockingClient.Mqtt5Publishes messages =
                after.publishes(MqttGlobalPublishFilter.ALL)) {
            Mqtt5ConnAck answer = connect(after, second.username(), second.password(), true);

            assertThat(answer.getReasonCode()).isEqualTo(Mqtt5ConnAckReasonCode.SUCCESS);
            assertThat(answer.isSessionPresent()).isTrue();
            Optional<Mqtt5Publish> message = messages.receive(10, TimeUnit.SECONDS);
            assertThat(message).map(Mqtt5Publish::getPayloadAsBytes).contains(new byte[] {42});
        }
        after.disconnect();
    }
}
