package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The SDK for Node.js, 0.4: a digest in upper case, QoS 1 for all requests, many of them at a time,
 * and one map from {@code id} to whoever waits, whatever the topic of what comes.
 */
final class NodeSdk extends DeviceSdk {

    private static final String TIMESTAMP = "1700000000000";

    /** MQTT.js begins anywhere. */
    private static final int FIRST_PACKET_ID = 19_496;

    /** The topics of the requests that wait, by their ids. */
    private final Map<String, String> waiting = new HashMap<>();

    NodeSdk(SdkHub hub, String deviceKey) {
        super(hub, deviceKey, FIRST_PACKET_ID);
        nextRequestId();
    }

    @Override
    byte[] connectPacket(int mode, String secret) {
        return Packets.connect(
                Packets.CLEAN,
                60,
                "%s|securemode=%d,signmethod=sha256,timestamp=%s|"
                        .formatted(deviceKey(), mode, TIMESTAMP),
                username(),
                digest(deviceKey(), TIMESTAMP, secret).toUpperCase(Locale.ROOT));
    }

    /** Subscribes if it has not yet and waits for that, publishes, and does not wait further. */
    void send(String rest, String params) {
        String topic = sys(rest);
        if (isFirst(topic)) {
            int id = nextPacketId();
            connection().send(Packets.subscribe(id, topic + "_reply", 1));
            assertSuback(id, 1);
        }
        String id = Integer.toString(nextRequestId());
        waiting.put(id, topic);
        int packetId = nextPacketId();
        connection()
                .send(
                        Packets.publish(
                                packetId,
                                topic,
                                "{\"id\":\"%s\",\"version\":\"1.0\",\"params\":%s,\"method\":\"%s\"}"
                                        .formatted(id, params, method(rest))));
        assertPuback(packetId);
    }

    /**
     * Takes the next message as the SDK does: what has the id of a request that waits is its
     * answer, or else a command. A text as {@code data} must be JSON, unless it is empty.
     */
    JsonNode dispatch() {
        Packet packet = connection().read(Packet.PUBLISH);
        if (packet.qos() == 1) {
            connection().send(Packets.puback(packet.packetId()));
        }
        JsonNode message = json(packet.payload());
        String topic = waiting.remove(message.path("id").textValue());
        if (topic == null) {
            assertThat(packet.topic()).doesNotEndWith("_reply");
        } else {
            assertThat(packet.topic()).isEqualTo(topic + "_reply");
            JsonNode data = message.path("data");
            assertThat(data.isContainerNode() || data.asText().isEmpty()).isTrue();
        }
        return message;
    }

    /** A request; returns the answer. */
    JsonNode request(String rest, String params) {
        send(rest, params);
        return dispatch();
    }

    /** Its secret; says that it has it, and acknowledges the push behind that in one segment. */
    String readSecretAndConfirm() {
        Packet push = readPush(activationTopic());
        connection()
                .send(
                        Packets.publish(
                                activationTopic() + "_reply",
                                "{\"id\":\"1\",\"code\":200,\"data\":{}}"),
                        Packets.puback(push.packetId()));
        return json(push.payload()).path("params").path("deviceSecret").asText();
    }

    /** A push before anybody has registered for it: acknowledged, and forgotten. */
    void missPush() {
        Packet push = readPush(activationTopic());
        connection().send(Packets.puback(push.packetId()));
    }

    @Override
    String serve(String rest, String data) {
        Packet command = readPush(sys(rest));
        answer(rest, json(command.payload()).path("id").textValue(), data);
        return command.payload();
    }

    /** Answers a command that it has taken. */
    void answer(String rest, String id) {
        answer(rest, id, "{\"ok\":1}");
    }

    private void answer(String rest, String id, String data) {
        connection()
                .send(
                        Packets.publish(
                                sys(rest) + "_reply",
                                "{\"id\":\"%s\",\"code\":200,\"data\":%s}".formatted(id, data)));
    }
}
