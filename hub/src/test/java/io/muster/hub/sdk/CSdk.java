package io.muster.hub.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;

/**
 * The SDK for C: a client identifier of both keys, always the same timestamp, a lasting session,
 * QoS 0 for everything, and no answer to an activation.
 */
final class CSdk extends DeviceSdk {

    /** What its layer of device models subscribes to when it starts, one filter after the other. */
    static final List<String> FILTERS =
            List.of(
                    "/sys/%s/thing/service/measurepoint/set",
                    "/sys/%s/thing/service/+",
                    "/sys/%s/thing/tag/query_reply",
                    "/sys/%s/thing/tag/update_reply",
                    "/sys/%s/thing/tag/delete_reply",
                    "/sys/%s/thing/attribute/query_reply",
                    "/sys/%s/thing/attribute/update_reply",
                    "/sys/%s/thing/attribute/delete_reply",
                    "/sys/%s/thing/measurepoint/post_reply",
                    "/sys/%s/thing/measurepoint/post/batch_reply",
                    "/sys/%s/thing/measurepoint/resume_reply",
                    "/sys/%s/thing/measurepoint/resume/batch_reply",
                    "/sys/%s/thing/event/+/post_reply",
                    "/sys/%s/thing/model/down_raw",
                    "/sys/%s/thing/model/up_raw_reply",
                    "/sys/%s/thing/device/register_reply",
                    "/sys/%s/thing/topo/add_reply",
                    "/sys/%s/thing/topo/delete_reply",
                    "/sys/%s/thing/topo/get_reply",
                    "/ext/session/%s/combine/login_reply",
                    "/ext/session/%s/combine/login/batch_reply",
                    "/ext/session/%s/combine/logout_reply",
                    "/ext/session/%s/combine/disable",
                    "/ext/session/%s/combine/enable",
                    "/ext/session/%s/combine/delete",
                    "/sys/%s/thing/disable",
                    "/sys/%s/thing/enable",
                    "/sys/%s/thing/delete");

    private static final String TIMESTAMP = "2524608000000";
    private static final int READ_BUFFER_ACTIVATING = 1_000;

    CSdk(SdkHub hub, String deviceKey) {
        super(hub, deviceKey, 1);
    }

    @Override
    byte[] connectPacket(int mode, String secret) {
        String clientId = SdkHub.PRODUCT + "." + deviceKey();
        return Packets.connect(
                mode == ACTIVATING ? Packets.CLEAN : Packets.LASTING,
                mode == ACTIVATING ? 120 : 60,
                "%s|securemode=%d,signmethod=sha256,timestamp=%s|"
                        .formatted(clientId, mode, TIMESTAMP),
                username(),
                digest(clientId, TIMESTAMP, secret).toUpperCase(Locale.ROOT));
    }

    @Override
    boolean isLasting() {
        return true;
    }

    void subscribeToAll() {
        for (String filter : FILTERS) {
            int id = nextPacketId();
            String name = SdkHub.PRODUCT + "/" + deviceKey();
            connection().send(Packets.subscribe(id, filter.formatted(name), 0));
            assertSuback(id, 0);
        }
    }

    /** A request; returns the answer. The ids begin at 0. */
    String request(String rest, String params) {
        connection()
                .send(
                        Packets.publish(
                                sys(rest),
                                "{\"id\":\"%d\",\"version\":\"1.0\",\"params\":%s,\"method\":\"%s\"}"
                                        .formatted(nextRequestId(), params, method(rest))));
        return readReply(sys(rest), 0);
    }

    /** Finds its secret as the SDK does: the value begins one byte after the colon. */
    String readSecret() {
        Packet push = readPush(activationTopic());
        connection().send(Packets.puback(push.packetId()));
        int bytes = push.topic().getBytes(UTF_8).length + push.payload().getBytes(UTF_8).length;
        assertThat(bytes).isLessThan(READ_BUFFER_ACTIVATING);
        String name = "\"deviceSecret\":";
        int valueAt = push.payload().indexOf(name) + name.length();
        int end = push.payload().indexOf('"', valueAt + 1);
        return push.payload().substring(valueAt + 1, end);
    }

    void leave() {
        connection().send(Packets.DISCONNECT);
        close();
    }

    @Override
    String serve(String rest, String data) {
        Packet command = readPush(sys(rest));
        String id = json(command.payload()).path("id").textValue();
        connection()
                .send(
                        Packets.publish(
                                sys(rest) + "_reply",
                                "{\"id\":\"%s\",\"code\":200,\"data\":%s}".formatted(id, data)));
        return command.payload();
    }
}
