package io.muster.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallbackExtended;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;

/**
 * An application that reads the states of all devices, over restarts of the hub too, and notes what
 * comes out of order, or twice. Devices are named {@code productKey/deviceKey}. Its callbacks come
 * one after the other.
 */
final class StateReader implements MqttCallbackExtended, AutoCloseable {

    private static final String STATES = "$muster/devices/+/+/state";

    /** What is read when the state topic of a device that was deleted is cleared. */
    static final String DELETED = "";

    /**
     * What was read last of a device.
     *
     * @param state as it was published, or {@link #DELETED}
     * @param version as it was published; of a device that was deleted, the last one before
     */
    record Read(String state, long version) {}

    private final MqttClient client;
    private final Map<String, Read> last = new ConcurrentHashMap<>();
    private final List<String> disorder = new CopyOnWriteArrayList<>();
    private final List<String> repetitions = new CopyOnWriteArrayList<>();
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private final AtomicLong messages = new AtomicLong();

    private StateReader(String uri) throws MqttException {
        client = new MqttClient(uri, "state-reader", new MemoryPersistence());
        client.setCallback(this);
    }

    /** Reads from now on: it has subscribed, and is sent what is retained. */
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
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> reader.subscribed.getCount() == 0);
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
            subscribed.countDown();
        }
        return true;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws IOException {
        messages.incrementAndGet();
        String[] levels = topic.split("/", -1);
        String device = levels[2] + "/" + levels[3];
        Read before = last.get(device);
        Read read = read(message, before);
        last.put(device, read);
        if (before == null || before.equals(read)) {
            return; // what is retained comes again after a restart
        }
        if (!read.state().equals(DELETED) && before.version() >= read.version()) {
            disorder.add(device + ": " + before + " and then " + read);
        }
        if (before.state().equals(read.state())) {
            repetitions.add(device + ": " + before + " and then " + read);
        }
    }

    private static Read read(MqttMessage message, @Nullable Read before) throws IOException {
        if (message.getPayload().length == 0) {
            return new Read(DELETED, before == null ? 0 : before.version());
        }
        JsonNode json = new JsonMapper().readTree(message.getPayload());
        return new Read(json.path("state").asText(), json.path("version").asLong());
    }

    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}

    /** What was read last of each device, by its name. */
    Map<String, Read> last() {
        return last;
    }

    /** What came out of order. */
    List<String> disorder() {
        return disorder;
    }

    /**
     * States that came once more, with a later version: nothing changed, or a change was left out.
     */
    List<String> repetitions() {
        return repetitions;
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
