package io.muster.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
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

    @Test
    void clientsAreToldWhereToGoWhenTheyLeaveAndWhenTheyCome(@TempDir Path folder)
            throws Exception {
        try (RunningHub hub = RunningHub.start(folder.resolve("data"))) {
            BlockingQueue<Throwable> ends = new LinkedBlockingQueue<>();
            Mqtt5BlockingClient client = five(hub, "five", ends);
            signIn(hub, client);

            String order = "{\"serverReference\":\"b.example:1883\"}";
            assertThat(hub.operator().post(DRAIN, order).status()).isEqualTo(200);

            Mqtt5Disconnect told = ((Mqtt5DisconnectException) next(ends)).getMqttMessage();
            assertThat(told.getReasonCode())
                    .isEqualTo(Mqtt5DisconnectReasonCode.USE_ANOTHER_SERVER);
            assertThat(told.getServerReference().orElseThrow()).hasToString("b.example:1883");
            Mqtt5ConnAck refused = refusal(hub);
            assertThat(refused.getReasonCode())
                    .isEqualTo(Mqtt5ConnAckReasonCode.USE_ANOTHER_SERVER);
            assertThat(refused.getServerReference().orElseThrow()).hasToString("b.example:1883");
            assertThatThrownBy(() -> hub.connectApplication("three"))
                    .isInstanceOfSatisfying(
                            MqttException.class,
                            old -> assertThat(old.getReasonCode()).isEqualTo(3));

            String moved = "{\"serverReference\":\"c.example\",\"moved\":true}";
            assertThat(hub.operator().post(DRAIN, moved).status()).isEqualTo(200);
            assertThat(refusal(hub).getReasonCode()).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_MOVED);
        }
    }

    private static Mqtt5BlockingClient five(
            RunningHub hub, String clientId, BlockingQueue<Throwable> ends) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(URI.create(hub.mqttUri()).getPort())
                .addDisconnectedListener(context -> ends.add(context.getCause()))
                .buildBlocking();
    }

    private static void signIn(RunningHub hub, Mqtt5BlockingClient client) {
        client.connectWith()
                .simpleAuth()
                .username(hub.demo().applicationUsername())
                .password(hub.demo().applicationPassword().getBytes(UTF_8))
                .applySimpleAuth()
                .send();
    }

    private static Mqtt5ConnAck refusal(RunningHub hub) {
        Mqtt5BlockingClient late = five(hub, "late", new LinkedBlockingQueue<>());
        Mqtt5ConnAckException refused =
                catchThrowableOfType(Mqtt5ConnAckException.class, () -> signIn(hub, late));
        return refused.getMqttMessage();
    }

    private static Throwable next(BlockingQueue<Throwable> ends) throws InterruptedException {
        Throwable end = ends.poll(20, TimeUnit.SECONDS);
        assertThat(end).as("the end of a connection").isNotNull();
        return end;
    }
}
