package io.muster.broker.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Eclipse Paho for MQTT 5.0. */
final class PahoV5Client extends TestClient implements MqttCallback {

    private final MqttClient client;
    private final MqttConnectionOptions connectOptions = new MqttConnectionOptions();

    PahoV5Client(Options options) throws MqttException {
        client = new MqttClient(options.uri(), options.clientIdentifier(), new MemoryPersistence());
        client.setCallback(this);
        client.setTimeToWait(10_000);
        connectOptions.setCleanStart(options.clean());
        connectOptions.setSessionExpiryInterval(options.clean() ? 0L : 600L);
        options.will()
                .ifPresent(
                        will ->
                                connectOptions.setWill(
                                        will.topic(),
                                        new MqttMessage(
                                                will.payload().getBytes(UTF_8), 1, false, null)));
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
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}

    @Override
    void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnectForcibly(0, 50, false);
        }
        client.close();
    }
}
