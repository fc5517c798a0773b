package io.muster.broker.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.Objects;

/** The HiveMQ client, with MQTT 5.0. */
final class HiveMqClient extends TestClient {

    private final Mqtt5BlockingClient client;
    private final Mqtt5Connect connect;

    HiveMqClient(Options options) {
        Mqtt5ClientBuilder clients =
                Mqtt5Client.builder()
                        .identifier(options.clientIdentifier())
                        .serverHost(options.address().getHostString())
                        .serverPort(options.address().getPort());
        client =
                (options.transport() == Transport.WEBSOCKET
                                ? clients.webSocketConfig().serverPath(PATH).applyWebSocketConfig()
                                : clients)
                        .buildBlocking();
        client.toAsync().publishes(MqttGlobalPublishFilter.ALL, this::receive);
        var builder =
                Mqtt5Connect.builder()
                        .cleanStart(options.clean())
                        .sessionExpiryInterval(options.clean() ? 0 : 600);
        options.will()
                .ifPresent(
                        will ->
                                builder.willPublish()
                                        .topic(will.topic())
                                        .payload(will.payload().getBytes(UTF_8))
                                        .qos(MqttQos.AT_LEAST_ONCE)
                                        .applyWillPublish());
        connect = builder.build();
    }

    private void receive(Mqtt5Publish publish) {
        receive(
                new Received(
                        publish.getTopic().toString(),
                        new String(publish.getPayloadAsBytes(), UTF_8),
                        publish.getQos().getCode(),
                        publish.isRetain()));
    }

    @Override
    boolean connect() {
        return client.connect(connect).isSessionPresent();
    }

    @Override
    void subscribe(String filter, int qos) {
        client.subscribeWith().topicFilter(filter).qos(qosOf(qos)).send();
    }

    @Override
    void unsubscribe(String filter) {
        client.unsubscribeWith().topicFilter(filter).send();
    }

    @Override
    void publish(String topic, String payload, int qos, boolean retain) {
        client.publishWith()
                .topic(topic)
                .qos(qosOf(qos))
                .retain(retain)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private static MqttQos qosOf(int qos) {
        return Objects.requireNonNull(MqttQos.fromCode(qos));
    }

    @Override
    void disconnect() {
        client.disconnect();
    }

    /** The library always says DISCONNECT; so it asks for the will, and the session stays. */
    @Override
    void drop() {
        client.disconnectWith()
                .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                .send();
    }

    @Override
    boolean isConnected() {
        return client.getState().isConnected();
    }

    @Override
    void close() {
        if (isConnected()) {
            client.disconnect();
        }
    }
}
