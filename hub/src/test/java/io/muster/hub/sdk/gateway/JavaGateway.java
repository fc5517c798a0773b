package io.muster.hub.sdk.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.sdk.Packet;
import io.muster.hub.sdk.Packets;
import io.muster.hub.sdk.SdkHub;
import java.util.List;
import java.util.stream.Collectors;

/** With the SDK for Java. It acknowledges what it is told before it answers that. */
final class JavaGateway extends GatewaySdk {

    private static final String TIMESTAMP = "1700000000000";

    JavaGateway(SdkHub hub, SubDevice gateway) {
        super(hub, gateway, 1);
    }

    @Override
    byte[] connectPacket() {
        subscribed().clear();
        String clientId = gateway().deviceKey() + "{ip=10.0.0.5,version=enos-mqtt-2.4.0}";
        return Packets.connect(
                Packets.CLEAN,
                60,
                clientId + "|securemode=2,signmethod=sha256,timestamp=" + TIMESTAMP + "|",
                gateway().username(),
                gateway().digest(clientId, TIMESTAMP));
    }

    @Override
    JsonNode request(String topic, String params) {
        if (isFirst(topic)) {
            subscribe(topic + "_reply", 1);
        }
        int id = nextPacketId();
        String form = "{\"method\":\"%s\",\"id\":\"%s\",\"params\":%s,\"version\":\"1.1\"}";
        String json = form.formatted(method(topic), nextRequestId(), params);
        connection().send(Packets.publish(id, topic, json));
        assertPuback(id);
        return readAnswer(topic, 1);
    }

    private static String signed(SubDevice device) {
        String clientId = device.productKey() + "." + device.deviceKey() + "." + TIMESTAMP;
        return "\"clientId\":\"%s\",\"sign\":\"%s\",%s,\"signMethod\":\"sha256\",\"timestamp\":\"%s\""
                .formatted(clientId, device.digest(clientId, TIMESTAMP), device.keys(), TIMESTAMP);
    }

    @Override
    String member(SubDevice device) {
        return "{" + signed(device) + "}";
    }

    @Override
    String login(SubDevice device) {
        return "{" + signed(device) + ",\"secureMode\":\"2\"}";
    }

    @Override
    String loginBatch(List<SubDevice> devices) {
        String entries =
                devices.stream()
                        .map(
                                device ->
                                        "{\"sign\":\"%s\",%s,\"secureMode\":\"2\"}"
                                                .formatted(
                                                        device.digest("batch", TIMESTAMP),
                                                        device.keys()))
                        .collect(Collectors.joining(","));
        return "{\"clientId\":\"batch\",\"subDevices\":[%s],\"signMethod\":\"sha256\",\"timestamp\":\"%s\"}"
                .formatted(entries, TIMESTAMP);
    }

    @Override
    void answer(String topic, String id) {
        connection()
                .send(
                        Packets.publish(
                                topic + "_reply",
                                "{\"code\":200,\"data\":{\"ok\":1},\"id\":\"%s\",\"message\":\"\"}"
                                        .formatted(id)));
    }

    @Override
    JsonNode takeNotice(String what) {
        Packet notice = readNotice(what);
        JsonNode envelope = json(notice.payload());
        connection().send(Packets.puback(notice.packetId()));
        answer(notice.topic(), envelope.path("id").textValue());
        return envelope.path("params");
    }

    /** It signs its devices in by itself, one by one, like those of before. */
    @Override
    void resume(SubDevice device) {
        assertThat(signIn(device).path("code").asInt()).isEqualTo(200);
    }
}
