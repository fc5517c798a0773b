package io.muster.hub.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A device with one of the SDKs: one client object and its connections, one after the other. What
 * the SDKs have in common; the rest is in the class of each. Confined to the thread of a test.
 */
abstract class DeviceSdk implements AutoCloseable {

    static final int ACCEPTED = 0;
    static final int BAD_CREDENTIALS = 4;
    static final int NOT_AUTHORIZED = 5;

    /** Sign-in with the device's own secret, and with its product's. */
    static final int STATIC = 2;

    static final int ACTIVATING = 3;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final SdkHub hub;
    private final String deviceKey;
    private final Set<String> subscribed = new HashSet<>();
    private @Nullable Connection connection;
    private int packetId;
    private int requestId;
    private boolean hasSession;

    /** A client object of a device that is registered. */
    DeviceSdk(SdkHub hub, String deviceKey, int firstPacketId) {
        this.hub = hub;
        this.deviceKey = deviceKey;
        this.packetId = firstPacketId - 1;
    }

    /** The CONNECT that the SDK sends. */
    abstract byte[] connectPacket(int mode, String secret);

    /** Answers a command with this as {@code data}; returns the command. */
    abstract String serve(String rest, String data);

    /** The same with something. */
    String serve(String rest) {
        return serve(rest, "{\"ok\":1}");
    }

    /** Connects; returns the code of the CONNACK, behind which the hub closes unless it is 0. */
    int connect(int mode, String secret) {
        close();
        subscribed.clear();
        Connection connecting = Connection.to(hub.address());
        connection = connecting;
        connecting.send(connectPacket(mode, secret));
        Packet connack = connecting.read(Packet.CONNACK);
        boolean isAccepted = connack.code() == ACCEPTED;
        boolean isOwnSession = isAccepted && mode == STATIC && isLasting();
        assertThat(connack.sessionPresent()).isEqualTo(isOwnSession && hasSession);
        hasSession |= isOwnSession;
        if (!isAccepted) {
            connecting.assertClosedByHub();
        }
        return connack.code();
    }

    /** Whether it wants its session to outlive the connection. */
    boolean isLasting() {
        return false;
    }

    /** Connects with the device's own secret. */
    int signIn() {
        return connect(STATIC, hub.secret(deviceKey));
    }

    /** Connects with the product's secret. */
    int beginActivation() {
        return connect(ACTIVATING, hub.productSecret());
    }

    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    String deviceKey() {
        return deviceKey;
    }

    String username() {
        return deviceKey + "&" + SdkHub.PRODUCT;
    }

    /** SHA-256 of the content with the secret behind it; no HMAC. Lower case. */
    String digest(String clientId, String timestamp, String secret) {
        String content =
                "clientId%sdeviceKey%sproductKey%stimestamp%s%s"
                        .formatted(clientId, deviceKey, SdkHub.PRODUCT, timestamp, secret);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A topic of the device's own. */
    String sys(String rest) {
        return "/sys/" + SdkHub.PRODUCT + "/" + deviceKey + "/" + rest;
    }

    String activationTopic() {
        return "/ext/session/" + SdkHub.PRODUCT + "/" + deviceKey + "/thing/activate/info";
    }

    int nextPacketId() {
        packetId++;
        return packetId;
    }

    int nextRequestId() {
        return requestId++;
    }

    /** Whether this is the first request of its kind, for which an SDK subscribes. */
    boolean isFirst(String topic) {
        return subscribed.add(topic);
    }

    /** A message that the hub sent, which it did not subscribe to. */
    Packet readPush(String topic) {
        Packet push = connection().read(Packet.PUBLISH);
        assertThat(push.topic()).isEqualTo(topic);
        return push;
    }

    /** The answer to a request; acknowledged if the hub wants that. */
    String readReply(String topic, int qos) {
        Packet reply = readPush(topic + "_reply");
        assertThat(reply.qos()).isEqualTo(qos);
        if (qos == 1) {
            connection().send(Packets.puback(reply.packetId()));
        }
        return reply.payload();
    }

    void assertPuback(int ofPacketId) {
        assertThat(connection().read(Packet.PUBACK).packetId()).isEqualTo(ofPacketId);
    }

    void assertSuback(int ofPacketId, int granted) {
        Packet suback = connection().read(Packet.SUBACK);
        assertThat(suback.packetId()).isEqualTo(ofPacketId);
        assertThat(suback.code()).isEqualTo(granted);
    }

    static String method(String rest) {
        return rest.replace('/', '.');
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** The end of the process: nothing is said. */
    @Override
    public void close() {
        if (connection != null) {
            connection.close();
        }
    }
}
