package io.muster.hub.sdk;

/**
 * The SDK for Java, 2.2: subscribes to the topic of an answer, waits for the SUBACK, and publishes
 * then. One timestamp for the life of the client object.
 */
final class JavaSdk extends DeviceSdk {

    private static final String TIMESTAMP = "1700000000000";

    private final String clientId;

    JavaSdk(SdkHub hub, String deviceKey) {
        this(hub, deviceKey, "{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT}");
    }

    /**
     * Another version of it.
     *
     * @param block what stands behind the device key in the client identifier
     */
    JavaSdk(SdkHub hub, String deviceKey, String block) {
        super(hub, deviceKey, 1);
        this.clientId = deviceKey + block;
        nextRequestId();
    }

    @Override
    byte[] connectPacket(int mode, String secret) {
        return Packets.connect(
                Packets.CLEAN,
                60,
                "%s|securemode=%d,signmethod=sha256,timestamp=%s|"
                        .formatted(clientId, mode, TIMESTAMP),
                username(),
                digest(clientId, TIMESTAMP, secret));
    }

    /** The first half: the SUBACK is awaited although nothing else is on the way. */
    void subscribe(String rest, int qos) {
        if (isFirst(sys(rest))) {
            int id = nextPacketId();
            connection().send(Packets.subscribe(id, sys(rest) + "_reply", qos));
            assertSuback(id, qos);
        }
    }

    /** A request; returns the answer. */
    String request(String rest, String params, int qos) {
        subscribe(rest, qos);
        String json =
                "{\"method\":\"%s\",\"id\":\"%d\",\"params\":%s,\"version\":\"1.1\"}"
                        .formatted(method(rest), nextRequestId(), params);
        if (qos == 0) {
            connection().send(Packets.publish(sys(rest), json));
        } else {
            int id = nextPacketId();
            connection().send(Packets.publish(id, sys(rest), json));
            assertPuback(id);
        }
        return readReply(sys(rest), qos);
    }

    /** Takes its secret from the push and acknowledges that. */
    String readSecret() {
        Packet push = readPush(activationTopic());
        connection().send(Packets.puback(push.packetId()));
        return json(push.payload()).path("params").path("deviceSecret").asText();
    }

    /** Says that it has it, and is gone: both in one segment, with the end of the connection. */
    void confirmAndLeave() {
        String confirmed =
                "{\"code\":200,\"id\":\"1\",\"message\":\"persistent the device secret success\"}";
        connection()
                .send(Packets.publish(activationTopic() + "_reply", confirmed), Packets.DISCONNECT);
        close();
    }

    /** Its handler is not registered yet. */
    void answerNotReady() {
        connection()
                .send(
                        Packets.publish(
                                activationTopic() + "_reply",
                                "{\"code\":1101,\"id\":\"1\",\"message\":\"no handler\"}"));
    }

    @Override
    String serve(String rest, String data) {
        Packet command = readPush(sys(rest));
        String id = json(command.payload()).path("id").textValue();
        connection()
                .send(
                        Packets.publish(
                                sys(rest) + "_reply",
                                "{\"code\":200,\"data\":%s,\"id\":\"%s\",\"message\":\"\"}"
                                        .formatted(data, id)));
        return command.payload();
    }
}
