package io.muster.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallbackExtended;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * An application that reads the states of all devices, over restarts of the hub too, and notes what
 * comes out of order. Its callbacks come one after the other.
 */
final class StateReader implements MqttCallbackExtended, AutoCloseable {

    private static final String STATES = "$muster/devices/+/+/state";

    /** What was read last of a device. */
    record Read(String state, long version) {}

    private final MqttClient client;
    private final Map<String, Read> last = new ConcurrentHashMap<>();
    private final List<String> disorder = new CopyOnWriteArrayList<>();
    private final AtomicLong messages = new AtomicLong();

    private StateReader(String uri) throws MqttException {
        client = new MqttClient(uri, "state-reader", new MemoryPersistence());
        client.setCallback(this);
    }

    static StateReader connect(int port, String username, String password) throws MqttException {
        StateReader reader = new StateReader("tcp://127.0.0.1:" + port);
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(username);
        options.setPassword(password.toCharArray());
        options.setAutomaticReconnect(true);
        options.setMaxReconnectDelay(500);
        options.setMaxInflight(1_000);
        reader.client.setTimeToWait(20_000);
        reader.client.connect(options);
        return reader;
    }

    /** On a thread that reads packets, so it may not wait. */
    @Override
    public void connectComplete(boolean reconnect, String uri) {
        Thread subscriber =
                new Thread(
                        () ->
                                Awaitility.await()
                                        .ignoreExceptions()
                                        .atMost(Duration.ofSeconds(60))
                                        .until(this::subscribed));
        subscriber.setDaemon(true);
        subscriber.start();
    }

    private boolean subscribed() throws MqttException {
        if (client.isConnected()) {
            client.subscribe(STATES, 1);
        }
        return true;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws IOException {
        messages.incrementAndGet();
        JsonNode json = new JsonMapper().readTree(message.getPayload());
        Read read = new Read(json.path("state").asText(), json.path("version").asLong());
        Read before = last.put(json.path("deviceKey").asText(), read);
        boolean isRight =
                before == null || before.version() < read.version() || before.equals(read);
        if (!isRight) {
            disorder.add(topic + ": " + before + " and then " + read);
        }
    }

    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}

    /** What was read last of each device, by its key. */
    Map<String, Read> last() {
        return last;
    }

    /** What came out of order. */
    List<String> disorder() {
        return disorder;
    }

    long messages() {
        return messages.get();
    }

    @Override
    public void close() throws MqttException {
        client.setCallback(null);
        client.disconnectForcibly(100, 100, false);
        client.close(true);
    }
}
