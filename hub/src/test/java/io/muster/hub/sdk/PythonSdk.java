package io.muster.hub.sdk;

/**
 * The SDK for Python, 0.1: subscribes and publishes in one breath, without waiting for the SUBACK,
 * and answers with QoS 1. Its timestamp has a fraction, and its JSON has blanks.
 */
final class PythonSdk extends DeviceSdk {

    private static final String TIMESTAMP = "1700000000000.1196";

    PythonSdk(SdkHub hub, String deviceKey) {
        super(hub, deviceKey, 1);
        nextRequestId();
    }

    @Override
    byte[] connectPacket(int mode, String secret) {
        return Packets.connect(
                Packets.CLEAN,
                60,
                "%s|securemode=%d,signmethod=hmacsha256,timestamp=%s|"
                        .formatted(deviceKey(), mode, TIMESTAMP),
                username(),
                digest(deviceKey(), TIMESTAMP, secret));
    }

    /** A request; returns the answer. The hub's three packets must come in this order. */
    String request(String rest, String method, String params) {
        String json =
                "{\"id\": \"%d\", \"version\": \"1.0\", \"method\": \"%s\", \"params\": %s}"
                        .formatted(nextRequestId(), method, params);
        boolean isFirst = isFirst(sys(rest));
        int subscribeId = isFirst ? nextPacketId() : 0;
        int publishId = nextPacketId();
        byte[] publish = Packets.publish(publishId, sys(rest), json);
        if (isFirst) {
            connection().send(Packets.subscribe(subscribeId, sys(rest) + "_reply", 1), publish);
            assertSuback(subscribeId, 1);
        } else {
            connection().send(publish);
        }
        assertPuback(publishId);
        return readReply(sys(rest), 1);
    }

    /** Takes its secret from the push, and says with QoS 1 that it has it. */
    String readSecretAndConfirm() {
        Packet push = readPush(activationTopic());
        connection().send(Packets.puback(push.packetId()));
        int id = nextPacketId();
        connection()
                .send(
                        Packets.publish(
                                id,
                                activationTopic() + "_reply",
                                "{\"id\": \"1\", \"code\": 200, \"data\": null,"
                                        + " \"message\": \"device activate success\"}"));
        assertPuback(id);
        return json(push.payload()).path("params").path("deviceSecret").asText();
    }

    /** With QoS 1. */
    @Override
    String serve(String rest, String data) {
        Packet command = readPush(sys(rest));
        String id = json(command.payload()).path("id").textValue();
        int packetId = nextPacketId();
        connection()
                .send(
                        Packets.publish(
                                packetId,
                                sys(rest) + "_reply",
                                "{\"id\": \"%s\", \"code\": 200, \"data\": %s}"
                                        .formatted(id, data)));
        assertPuback(packetId);
        return command.payload();
    }
}
