package io.muster.broker.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho for MQTT 3.1.1. */
final class PahoV3Client extends TestClient implements MqttCallback {

    private final MqttClient client;
    private final MqttConnectOptions connectOptions = new MqttConnectOptions();

    PahoV3Client(Options options) throws MqttException {
        client = new MqttClient(options.uri(), options.clientIdentifier(), new MemoryPersistence());
        client.setCallback(this);
        client.setTimeToWait(10_000);
        connectOptions.setCleanSession(options.clean());
        // Paho frees a place a moment after it says that the message is acknowledged.
        connectOptions.setMaxInflight(1_000);
        options.will()
                .ifPresent(
                        will ->
                                connectOptions.setWill(
                                        will.topic(), will.payload().getBytes(UTF_8), 1, false));
    }

    @Override
    boolean connect() throws MqttException {
        return client.connectWithResult(connectOptions).getSessionPresent();
    }

    @Override
    void subscribe(String filter, int qos) throws MqttException {
        client.subscribe(filter, qos);
    }

    @Override
    void unsubscribe(String filter) throws MqttException {
        client.unsubscribe(filter);
    }

    @Override
    void publish(String topic, String payload, int qos, boolean retain) throws MqttException {
        client.publish(topic, payload.getBytes(UTF_8), qos, retain);
    }

    @Override
    void disconnect() throws MqttException {
        client.disconnect();
    }

    @Override
    void drop() throws MqttException {
        client.disconnectForcibly(0, 50, false);
    }

    @Override
    boolean isConnected() {
        return client.isConnected();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        String payload = new String(message.getPayload(), UTF_8);
        receive(new Received(topic, payload, message.getQos(), message.isRetained()));
    }

    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}

    @Override
    void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnectForcibly(0, 50);
        }
        client.close();
    }
}
