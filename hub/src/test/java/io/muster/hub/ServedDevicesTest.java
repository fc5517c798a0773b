package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.muster.broker.BrokerConfig;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What devices and applications ask of each other by way of a whole hub. */
class ServedDevicesTest {

    /** Messages that may wait for a client, and those that may be under way to one. */
    private static final int QUEUE_MAX = 20;

    private static final String DEVICE = "/api/v1/products/demo/devices/d1";
    private static final String SYS = "/sys/demo/d1/";
    private static final String COMMANDS = "/muster/devices/demo/d1/commands";

    private final BlockingQueue<String> toDevice = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> toApplication = new LinkedBlockingQueue<>();
    private RunningHub running;
    private MqttClient device;
    private MqttClient application;

    @BeforeEach
    void start(@TempDir Path folder) throws MqttException {
        running = RunningHub.start(withQueuesOf(QUEUE_MAX, RunningHub.config(folder)));
        device = running.connectDevice("d1", running.createDevice("d1"));
        device.setCallback(new Answering());
        application = running.connectApplication("backend");
    }

    private static HubConfig withQueuesOf(int messages, HubConfig config) {
        BrokerConfig broker = config.broker();
        BrokerConfig.Sessions sessions = broker.sessions();
        return new HubConfig(
                config.dataFolder(),
                new BrokerConfig(
                        broker.listeners(),
                        broker.loops(),
                        broker.limits(),
                        broker.protocol(),
                        new BrokerConfig.Sessions(
                                sessions.expiryMax(),
                                sessions.sessionsMax(),
                                messages,
                                sessions.queueBytesMax(),
                                messages,
                                sessions.subscriptionsMax(),
                                sessions.queuePolicy(),
                                sessions.shareStrategy()),
                        broker.retained(),
                        broker.rates(),
                        broker.times()),
                config.certificates(),
                config.authentication(),
                config.permissions(),
                config.devices(),
                config.registry(),
                config.management());
    }

    @AfterEach
    void stop() throws MqttException {
        if (device.isConnected()) {
            RunningHub.disconnect(device);
        }
        if (application.isConnected()) {
            RunningHub.disconnect(application);
        }
        running.close();
    }

    /** Keeps what it is sent, and answers each {@code reboot} as the Java SDK does. */
    private final class Answering implements MqttCallback {

        @Override
        public void messageArrived(String topic, MqttMessage message) throws IOException {
            String payload = RunningHub.text(message.getPayload());
            toDevice.add(topic + " " + payload);
            if (topic.endsWith("/reboot")) {
                String id = json(payload).path("id").asText();
                CompletableFuture.runAsync(() -> answer(topic, id));
            }
        }

        private void answer(String topic, String id) {
            try {
                String payload =
                        "{\"id\":\"%s\",\"code\":200,\"message\":\"\",\"data\":{\"ok\":true}}"
                                .formatted(id);
                device.publish(
                        topic + "_reply", payload.getBytes(StandardCharsets.UTF_8), 0, false);
            } catch (MqttException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void connectionLost(Throwable cause) {}

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    private void publish(MqttClient client, String topic, String payload) throws MqttException {
        client.publish(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false);
    }

    private void listen(String filter) throws MqttException {
        application.subscribe(
                filter,
                1,
                (topic, message) ->
                        toApplication.add(topic + " " + RunningHub.text(message.getPayload())));
    }

    private static String take(BlockingQueue<String> from) throws InterruptedException {
        return String.valueOf(from.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void aDeviceReportsAndIsAnsweredAndApplicationsHearOfIt() throws Exception {
        listen("$muster/devices/+/+/measurepoints");
        device.subscribe(SYS + "thing/measurepoint/post_reply", 1);

        publish(
                device,
                SYS + "thing/measurepoint/post",
                "{\"method\":\"thing.measurepoint.post\",\"id\":\"1\",\"params\":"
                        + "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000},\"version\":\"1.1\"}");

        assertThat(take(toDevice))
                .isEqualTo(
                        SYS
                                + "thing/measurepoint/post_reply"
                                + " {\"id\":\"1\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
        assertThat(take(toApplication))
                .startsWith("$muster/devices/demo/d1/measurepoints {")
                .contains("\"time\":1700000000000", "\"data\":{\"temp\":21.5}");
    }

    @Test
    void aDeviceWaitsForAnApplicationThatDoesNotTakeItsReports() throws Exception {
        application.setManualAcks(true);
        application.subscribe("$muster/devices/+/+/log", 1, (topic, message) -> {});
        CompletableFuture<Void> reporting =
                CompletableFuture.runAsync(() -> reportLogs(10 * QUEUE_MAX));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> metrics().contains("muster_held_publishers 1.0"));

        application.disconnectForcibly(0, 0, false);

        reporting.get(30, TimeUnit.SECONDS);
        assertThat(metrics()).contains("muster_messages_dropped_total{reason=\"queue_full\"} 0.0");
    }

    private void reportLogs(int count) {
        try {
            for (int i = 0; i < count; i++) {
                publish(
                        device,
                        SYS + "thing/log/post",
                        "{\"method\":\"thing.log.post\",\"id\":\"1\",\"params\":{}}");
            }
        } catch (MqttException e) {
            throw new IllegalStateException(e);
        }
    }

    private String metrics() {
        return running.operator().withoutToken().get("/metrics").text();
    }

    @Test
    void nobodyIsAnsweredWhoDoesNotListen() throws Exception {
        publish(
                device,
                SYS + "ota/device/getversion",
                "{\"method\":\"ota.device.getversion\",\"id\":\"1\",\"params\":{}}");
        device.subscribe(SYS + "thing/tag/query_reply", 0);

        publish(
                device,
                SYS + "thing/tag/query",
                "{\"method\":\"thing.tag.query\",\"id\":\"2\",\"params\":{\"tags\":[]}}");

        assertThat(take(toDevice)).startsWith(SYS + "thing/tag/query_reply");
        assertThat(toDevice).isEmpty();
    }

    @Test
    void whatADeviceSaysOfItselfOperatorsSeeAndChange() throws Exception {
        device.subscribe(SYS + "thing/attribute/update_reply", 1);
        device.subscribe(SYS + "thing/attribute/query_reply", 1);
        publish(
                device,
                SYS + "thing/attribute/update",
                "{\"method\":\"thing.attribute.update\",\"id\":\"1\",\"params\":"
                        + "{\"attributes\":{\"size\":{\"w\":1},\"old\":1}}}");
        assertThat(take(toDevice)).contains("update_reply", "\"code\":200");
        assertThat(running.operator().get(DEVICE + "/attributes").text())
                .isEqualTo("{\"old\":1,\"size\":{\"w\":1}}");

        HttpCaller.Answer changed =
                running.operator().patch(DEVICE + "/attributes", "{\"old\":null,\"new\":[2]}");

        assertThat(changed.text()).isEqualTo("{\"new\":[2],\"size\":{\"w\":1}}");
        publish(
                device,
                SYS + "thing/attribute/query",
                "{\"method\":\"thing.attribute.query\",\"id\":\"2\",\"params\":{\"attributes\":[]}}");
        assertThat(take(toDevice))
                .contains("query_reply", "\"data\":{\"new\":[2],\"size\":{\"w\":1}}");
    }

    @Test
    void aDeviceIsCommandedThoughItSubscribesToNothing() throws Exception {
        HttpCaller.Answer answer =
                running.operator()
                        .post(
                                DEVICE + "/commands",
                                "{\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("code").asInt()).isEqualTo(200);
        assertThat(answer.json().path("data").path("ok").asBoolean()).isTrue();
        assertThat(take(toDevice))
                .isEqualTo(
                        SYS
                                + "thing/service/reboot {\"id\":\""
                                + answer.json().path("id").asText()
                                + "\",\"version\":\"1.0\",\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}");
    }

    @Test
    void aCommandThatIsNotAnsweredOrCannotBeGivenSaysWhy() throws Exception {
        String slow = "{\"method\":\"thing.service.sleep\",\"timeoutSeconds\":1}";
        HttpCaller.Answer late = running.operator().post(DEVICE + "/commands", slow);
        assertThat(late.status()).isEqualTo(504);
        assertThat(late.text()).contains("demo/d1 has not answered within 1 s");

        RunningHub.disconnect(device);
        HttpCaller.Answer gone = running.operator().post(DEVICE + "/commands", slow);
        assertThat(gone.status()).isEqualTo(409);
        assertThat(gone.text()).contains("demo/d1 is not connected");

        assertThat(
                        running.operator()
                                .post("/api/v1/products/demo/devices/nobody/commands", slow)
                                .status())
                .isEqualTo(404);
        assertThat(running.operator().post(DEVICE + "/commands", "{\"method\":\"reboot\"}").text())
                .contains("method 'reboot' is not thing.service.{name}");
    }

    @Test
    void anApplicationCommandsOverMqtt() throws Exception {
        listen(COMMANDS + "_reply");

        publish(
                application,
                COMMANDS,
                "{\"id\":\"mine\",\"method\":\"thing.service.reboot\",\"params\":{}}");
        assertThat(take(toApplication))
                .isEqualTo(
                        COMMANDS
                                + "_reply {\"id\":\"mine\",\"code\":200,\"message\":\"\",\"data\":{\"ok\":true}}");

        publish(application, COMMANDS, "{\"id\":\"7\",\"method\":\"nothing\",\"params\":{}}");
        assertThat(take(toApplication)).contains("\"id\":\"7\",\"code\":460", "method 'nothing'");

        publish(
                application,
                COMMANDS.replace("d1", "no such key!"),
                "{\"method\":\"thing.service.reboot\"}");
        publish(application, COMMANDS, "{\"id\":\"8\",\"method\":\"thing.service.reboot\"}");
        assertThat(take(toApplication)).contains("\"id\":\"8\",\"code\":200");
        publish(application, COMMANDS, "{");
        assertThat(take(toApplication)).contains("\"code\":1220");
    }

    /** The application once more, with MQTT 5.0. */
    private Mqtt5BlockingClient connectBackend5() {
        URI uri = URI.create(running.mqttUri());
        Mqtt5BlockingClient backend =
                Mqtt5Client.builder()
                        .identifier("backend5")
                        .serverHost(uri.getHost())
                        .serverPort(uri.getPort())
                        .buildBlocking();
        backend.connectWith()
                .simpleAuth()
                .username(running.demo().applicationUsername())
                .password(running.demo().applicationPassword().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        return backend;
    }

    @Test
    void anApplicationIsAnsweredWhereItsMessageSays() throws Exception {
        Mqtt5BlockingClient backend = connectBackend5();
        try (Mqtt5BlockingClient.Mqtt5Publishes answers =
                backend.publishes(MqttGlobalPublishFilter.ALL)) {
            backend.subscribeWith().topicFilter("answers/backend5").send();

            backend.publishWith()
                    .topic(COMMANDS)
                    .responseTopic("answers/backend5")
                    .correlationData(new byte[] {4, 2})
                    .payload(
                            "{\"id\":\"x\",\"method\":\"thing.service.reboot\",\"params\":{}}"
                                    .getBytes(StandardCharsets.UTF_8))
                    .send();

            Mqtt5Publish answer = answers.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(answer.getTopic().toString()).isEqualTo("answers/backend5");
            assertThat(answer.getCorrelationData()).contains(ByteBuffer.wrap(new byte[] {4, 2}));
            assertThat(RunningHub.text(answer.getPayloadAsBytes())).contains("\"code\":200");
        }
        backend.disconnect();
    }

    @Test
    void theHubAnswersNowhereWhereTheApplicationMayNotPublish() throws Exception {
        listen(COMMANDS + "_reply");
        Mqtt5BlockingClient backend = connectBackend5();

        backend.publishWith()
                .topic(COMMANDS)
                .responseTopic("$muster/devices/demo/d1/state")
                .payload(
                        "{\"id\":\"x\",\"method\":\"thing.service.reboot\",\"params\":{}}"
                                .getBytes(StandardCharsets.UTF_8))
                .send();

        assertThat(take(toApplication)).startsWith(COMMANDS + "_reply {\"id\":\"x\"");
        backend.disconnect();
    }

    private int sendRaw() {
        return running.operator().post(DEVICE + "/raw", "application/octet-stream", "abc").status();
    }

    @Test
    void bytesThatOnlyDeviceAndApplicationUnderstandPassThrough() throws Exception {
        listen("$muster/devices/demo/d1/raw");
        device.publish(SYS + "thing/model/up_raw", new byte[] {1, 2, 3}, 1, false);
        assertThat(take(toApplication)).contains("\"data\":\"AQID\"");

        assertThat(sendRaw()).isEqualTo(202);
        assertThat(take(toDevice)).isEqualTo(SYS + "thing/model/down_raw abc");

        publish(application, COMMANDS, "{\"method\":\"thing.model.down_raw\",\"params\":\"eHl6\"}");
        assertThat(take(toDevice)).isEqualTo(SYS + "thing/model/down_raw xyz");

        RunningHub.disconnect(device);
        assertThat(sendRaw()).isEqualTo(409);
    }

    @Test
    void requestsAndCommandsAreCounted() throws Exception {
        publish(device, SYS + "thing/tag/query", "{");
        running.operator().post(DEVICE + "/commands", "{\"method\":\"thing.service.reboot\"}");

        String metrics = running.operator().get("/metrics").text();

        assertThat(metrics)
                .contains(
                        "muster_device_requests_total{code=\"1220\",method=\"thing.tag.query\"} 1.0",
                        "muster_device_commands_total{outcome=\"answered\"} 1.0")
                .doesNotContain("outcome=\"refused\"");
    }
}
