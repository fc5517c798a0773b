package io.muster.hub.sdk.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.sdk.Packet;
import io.muster.hub.sdk.Packets;
import io.muster.hub.sdk.SdkHub;
import java.util.List;
import java.util.stream.Collectors;

/** With the SDK for Python, which waits for no SUBACK, and answers with QoS 1. */
final class PythonGateway extends GatewaySdk {

    private static final String TIMESTAMP = "1700000000000";
    private static final String FRACTION = "1700000000000.1196";

    PythonGateway(SdkHub hub, SubDevice gateway) {
        super(hub, gateway, 1);
    }

    @Override
    byte[] connectPacket() {
        String clientId = gateway().deviceKey();
        return Packets.connect(
                Packets.CLEAN,
                60,
                clientId + "|securemode=2,signmethod=hmacsha256,timestamp=" + FRACTION + "|",
                gateway().username(),
                gateway().digest(clientId, FRACTION));
    }

    private byte[] envelope(int id, String topic, String params) {
        String form =
                "{\"id\": \"%s\", \"version\": \"1.0\", \"method\": \"%s\", \"params\": %s,"
                        + " \"allowOfflineSubDevice\": \"\"}";
        String json = form.formatted(nextRequestId(), method(topic), params);
        return Packets.publish(id, topic, json);
    }

    @Override
    JsonNode request(String topic, String params) {
        if (isFirst(topic)) {
            int subscribeId = nextPacketId();
            byte[] subscribe = Packets.subscribe(subscribeId, topic + "_reply", 1);
            int publishId = nextPacketId();
            connection().send(subscribe, envelope(publishId, topic, params));
            assertSuback(subscribeId, 1);
            assertPuback(publishId);
        } else {
            int publishId = nextPacketId();
            connection().send(envelope(publishId, topic, params));
            assertPuback(publishId);
        }
        return readAnswer(topic, 1);
    }

    private static String signed(SubDevice device, String clientId) {
        String form =
                "%s, \"clientId\": \"%s\", \"timestamp\": \"%s\", \"signMethod\": \"hmacsha256\","
                        + " \"sign\": \"%s\"";
        return form.formatted(
                device.keys(), clientId, TIMESTAMP, device.digest(clientId, TIMESTAMP));
    }

    @Override
    String member(SubDevice device) {
        String clientId = device.productKey() + "." + device.deviceKey() + "." + TIMESTAMP;
        return "{" + signed(device, clientId) + "}";
    }

    @Override
    String login(SubDevice device) {
        String clientId = device.productKey() + device.deviceKey() + TIMESTAMP;
        return "{%s, \"secureMode\": \"2\", \"cleanSession\": \"False\"}"
                .formatted(signed(device, clientId));
    }

    @Override
    String loginBatch(List<SubDevice> devices) {
        String clientId = "login.batch";
        String timestamp = "1700000000.0533695";
        String entries =
                devices.stream()
                        .map(
                                device ->
                                        "{%s, \"secureMode\": \"2\", \"sign\": \"%s\"}"
                                                .formatted(
                                                        device.keys(),
                                                        device.digest(clientId, timestamp)))
                        .collect(Collectors.joining(", "));
        String form =
                "{\"clientId\": \"%s\", \"timestamp\": \"%s\", \"signMethod\": \"hmacsha256\","
                        + " \"subDevices\": [%s]}";
        return form.formatted(clientId, timestamp, entries);
    }

    @Override
    void answer(String topic, String id) {
        int packetId = nextPacketId();
        String json =
                "{\"id\": \"%s\", \"code\": 200, \"data\": {\"ok\": 1}, \"message\": \"\"}"
                        .formatted(id);
        connection().send(Packets.publish(packetId, topic + "_reply", json));
        assertPuback(packetId);
    }

    @Override
    JsonNode takeNotice(String what) {
        Packet notice = readNotice(what);
        JsonNode envelope = json(notice.payload());
        connection().send(Packets.puback(notice.packetId()));
        answer(notice.topic(), envelope.path("id").textValue());
        return envelope.path("params");
    }

    /**
     * It signs its devices in by itself, and does not subscribe again: it clears what it remembers
     * only if it closed the connection. So it does not hear how that went.
     */
    @Override
    void resume(SubDevice device) {
        int id = nextPacketId();
        connection().send(envelope(id, session("combine/login"), login(device)));
        assertPuback(id);
    }
}
