package io.muster.hub.sdk.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.sdk.Packet;
import io.muster.hub.sdk.Packets;
import io.muster.hub.sdk.SdkHub;
import java.util.List;
import java.util.stream.Collectors;

/** With the SDK for Node.js. It answers what it is told before it acknowledges that. */
final class NodeGateway extends GatewaySdk {

    private static final String TIMESTAMP = "1700000000000";

    NodeGateway(SdkHub hub, SubDevice gateway) {
        super(hub, gateway, 1);
    }

    @Override
    byte[] connectPacket() {
        String clientId = gateway().deviceKey();
        return Packets.connect(
                Packets.CLEAN,
                60,
                clientId + "|securemode=2,signmethod=sha256,timestamp=" + TIMESTAMP + "|",
                gateway().username(),
                upper(gateway().digest(clientId, TIMESTAMP)));
    }

    private byte[] envelope(int id, String topic, String params) {
        String form =
                "{\"id\":\"%s\",\"version\":\"1.0\",\"params\":%s,\"method\":\"%s\","
                        + "\"allowOfflineSubDevice\":true,\"skipInvalidMeasurepoints\":false}";
        return Packets.publish(id, topic, form.formatted(nextRequestId(), params, method(topic)));
    }

    @Override
    JsonNode request(String topic, String params) {
        if (isFirst(topic)) {
            subscribe(topic + "_reply", 1);
        }
        int id = nextPacketId();
        connection().send(envelope(id, topic, params));
        assertPuback(id);
        return readAnswer(topic, 1);
    }

    /** The timestamp is a number, and there is no {@code secureMode}. */
    @Override
    String member(SubDevice device) {
        String clientId = device.deviceKey();
        return "{\"timestamp\":%s,%s,\"clientId\":\"%s\",\"signMethod\":\"sha256\",\"sign\":\"%s\"}"
                .formatted(
                        TIMESTAMP,
                        device.keys(),
                        clientId,
                        upper(device.digest(clientId, TIMESTAMP)));
    }

    @Override
    String login(SubDevice device) {
        return member(device);
    }

    /** Here {@code secureMode} is a number. */
    @Override
    String loginBatch(List<SubDevice> devices) {
        String clientId = gateway().productKey();
        String entries =
                devices.stream()
                        .map(
                                device ->
                                        "{\"sign\":\"%s\",\"secureMode\":2,%s}"
                                                .formatted(
                                                        upper(device.digest(clientId, TIMESTAMP)),
                                                        device.keys()))
                        .collect(Collectors.joining(","));
        return "{\"clientId\":\"%s\",\"signMethod\":\"sha256\",\"timestamp\":\"%s\",\"subDevices\":[%s]}"
                .formatted(clientId, TIMESTAMP, entries);
    }

    @Override
    void answer(String topic, String id) {
        connection()
                .send(
                        Packets.publish(
                                topic + "_reply",
                                "{\"id\":\"%s\",\"code\":200,\"data\":{\"ok\":1}}".formatted(id)));
    }

    @Override
    JsonNode takeNotice(String what) {
        Packet notice = readNotice(what);
        JsonNode envelope = json(notice.payload());
        answer(notice.topic(), envelope.path("id").textValue());
        connection().send(Packets.puback(notice.packetId()));
        return envelope.path("params");
    }

    /** It subscribes again to all at once, and signs in all devices behind that, unasked. */
    @Override
    void resume(SubDevice device) {
        int subscribeId = nextPacketId();
        int publishId = nextPacketId();
        String topic = session("combine/login/batch");
        subscribed().add(topic);
        List<String> filters =
                subscribed().stream().map(each -> each + "_reply").collect(Collectors.toList());
        connection()
                .send(
                        Packets.subscribe(subscribeId, filters, 1),
                        envelope(publishId, topic, loginBatch(List.of(device))));
        Packet suback = connection().read(Packet.SUBACK);
        assertThat(suback.content().size()).isEqualTo(2 + filters.size());
        assertPuback(publishId);
        assertThat(readAnswer(topic, 1).path("code").asInt()).isEqualTo(200);
    }
}
