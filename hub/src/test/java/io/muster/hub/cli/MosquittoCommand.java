package io.muster.hub.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * A {@code mosquitto_pub} or {@code mosquitto_sub} command, done by Paho: those tools are not
 * everywhere. Knows the options that our pages use, and fails at any other.
 */
final class MosquittoCommand {

    private final Map<String, String> options = new HashMap<>();
    private final List<String> topics = new ArrayList<>();

    /** The words after the name of the tool. */
    MosquittoCommand(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String option = words.get(i);
            switch (option) {
                case "-v" -> options.put(option, "");
                case "-t" -> topics.add(words.get(++i));
                case "-h", "-p", "-q", "-i", "-u", "-P", "-m" ->
                        options.put(option, words.get(++i));
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
    }

    private String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    private int qos() {
        return Integer.parseInt(option("-q", "0"));
    }

    /** Which port is written. */
    int port() {
        return Integer.parseInt(option("-p", "1883"));
    }

    /** What {@code mosquitto_pub} does, at {@code port} in the place of the one that is written. */
    void publish(int port) throws MqttException {
        MqttClient client = connect(port);
        byte[] payload = option("-m", "").getBytes(StandardCharsets.UTF_8);
        client.publish(topics.get(0), payload, qos(), false);
        client.disconnect();
        client.close();
    }

    /** What {@code mosquitto_sub} does, until the client is closed. */
    MqttClient subscribe(int port, Queue<String> lines) throws MqttException {
        MqttClient client = connect(port);
        for (String topic : topics) {
            client.subscribe(
                    topic,
                    qos(),
                    (name, message) -> {
                        String text = new String(message.getPayload(), StandardCharsets.UTF_8);
                        lines.add(options.containsKey("-v") ? name + " " + text : text);
                    });
        }
        return client;
    }

    private MqttClient connect(int port) throws MqttException {
        MqttClient client =
                new MqttClient(
                        "tcp://" + option("-h", "localhost") + ":" + port,
                        option("-i", "mosq-" + UUID.randomUUID()),
                        new MemoryPersistence());
        MqttConnectOptions connect = new MqttConnectOptions();
        connect.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        connect.setUserName(option("-u", ""));
        connect.setPassword(option("-P", "").toCharArray());
        try {
            client.connect(connect);
            return client;
        } catch (MqttException e) {
            client.close();
            throw e;
        }
    }
}
