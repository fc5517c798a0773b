package io.muster.hub.sdk.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.sdk.Packet;
import io.muster.hub.sdk.Packets;
import io.muster.hub.sdk.SdkHub;
import java.util.List;
import java.util.stream.Collectors;

/** With the SDK for C: all with QoS 0, one device after the other, and a session that lasts. */
final class CGateway extends GatewaySdk {

    private static final String SIGNED_AT = "2524608000000";
    private static final String UPTIME = "12345";

    /** Some of what it subscribes to at the start. */
    private static final List<String> OWN =
            List.of(
                    "/sys/%s/thing/service/+",
                    "/sys/%s/thing/topo/add_reply",
                    "/sys/%s/thing/topo/get_reply",
                    "/ext/session/%s/combine/login_reply",
                    "/ext/session/%s/combine/login/batch_reply",
                    "/ext/session/%s/combine/logout_reply",
                    "/ext/session/%s/combine/disable",
                    "/ext/session/%s/combine/enable",
                    "/ext/session/%s/combine/delete");

    /** Some of what it subscribes to for each device that it has signed in. */
    private static final List<String> OF_A_DEVICE =
            List.of("/sys/%s/thing/service/+", "/sys/%s/thing/measurepoint/post_reply");

    CGateway(SdkHub hub, SubDevice gateway) {
        super(hub, gateway, 0);
    }

    @Override
    byte[] connectPacket() {
        String clientId = gateway().productKey() + "." + gateway().deviceKey();
        return Packets.connect(
                Packets.LASTING,
                60,
                clientId + "|securemode=2,signmethod=sha256,timestamp=" + SIGNED_AT + "|",
                gateway().username(),
                upper(gateway().digest(clientId, SIGNED_AT)));
    }

    @Override
    boolean connect() {
        boolean isResumed = super.connect();
        if (!isResumed) {
            OWN.forEach(filter -> subscribe(filter.formatted(gateway().levels()), 0));
        }
        return isResumed;
    }

    @Override
    JsonNode request(String topic, String params) {
        String form = "{\"id\":\"%s\",\"version\":\"1.0\",\"params\":%s,\"method\":\"%s\"}";
        String json = form.formatted(nextRequestId(), params, method(topic));
        connection().send(Packets.publish(topic, json));
        return readAnswer(topic, 0);
    }

    /** The timestamp is how long the device has been up; {@code signmethod} is spelled so. */
    @Override
    String member(SubDevice device) {
        String clientId = device.productKey() + "." + device.deviceKey();
        String form =
                "{%s,\"signmethod\":\"hmacSha256\",\"sign\":\"%s\",\"timestamp\":\"%s\","
                        + "\"clientId\":\"%s\"}";
        return form.formatted(
                device.keys(), upper(device.digest(clientId, UPTIME)), UPTIME, clientId);
    }

    @Override
    String login(SubDevice device) {
        String clientId = device.productKey() + device.deviceKey();
        String form =
                "{%s,\"clientId\":\"%s\",\"timestamp\":\"%s\",\"signMethod\":\"Sha256\","
                        + "\"sign\":\"%s\",\"cleanSession\":\"true\"}";
        return form.formatted(
                device.keys(), clientId, UPTIME, upper(device.digest(clientId, UPTIME)));
    }

    @Override
    String loginBatch(List<SubDevice> devices) {
        String clientId = gateway().productKey();
        String entries =
                devices.stream()
                        .map(
                                device ->
                                        "{%s, \"sign\":\"%s\"}"
                                                .formatted(
                                                        device.keys(),
                                                        upper(device.digest(clientId, UPTIME))))
                        .collect(Collectors.joining(","));
        String form =
                "{\"clientId\":\"%s\", \"signMethod\":\"Sha256\", \"timestamp\":\"%s\","
                        + " \"subDevices\":[%s]}";
        return form.formatted(clientId, UPTIME, entries);
    }

    @Override
    void signedIn(SubDevice device) {
        OF_A_DEVICE.forEach(filter -> subscribe(filter.formatted(device.levels()), 0));
    }

    /** Its own answer comes back to it: it subscribes to {@code thing/service/+}. */
    @Override
    void answer(String topic, String id) {
        String json = "{\"id\":\"%s\",\"code\":200,\"data\":{\"ok\":1}}".formatted(id);
        connection().send(Packets.publish(topic + "_reply", json));
        readAnswer(topic, 0);
    }

    /** Its answer goes astray, to a topic that is not its own. */
    @Override
    JsonNode takeNotice(String what) {
        Packet notice = readNotice(what);
        JsonNode envelope = json(notice.payload());
        String astray = "/ext/session/session/%s/combine/%s_reply";
        connection()
                .send(
                        Packets.publish(
                                astray.formatted(gateway().productKey(), what),
                                "{\"id\":\"%s\",\"code\":200,\"data\":{}}"
                                        .formatted(envelope.path("id").textValue())),
                        Packets.puback(notice.packetId()));
        return envelope.path("params");
    }

    /** It leaves that to the application, and so does it all again. */
    @Override
    void resume(SubDevice device) {
        signIn(device);
    }
}
