package io.muster.hub.sdk.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.hub.sdk.Connection;
import io.muster.hub.sdk.Packet;
import io.muster.hub.sdk.Packets;
import io.muster.hub.sdk.SdkHub;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A gateway as one of the SDKs plays it, packet by packet: what it sends, in which order, and what
 * it waits for meanwhile. The order of packets, their QoS and their fields are those of the SDK.
 */
abstract class GatewaySdk implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final SdkHub hub;
    private final SubDevice gateway;
    private final Set<String> subscribed = new HashSet<>();
    private @Nullable Connection connection;
    private int packetId;
    private int requestId;

    GatewaySdk(SdkHub hub, SubDevice gateway, int firstRequestId) {
        this.hub = hub;
        this.gateway = gateway;
        this.requestId = firstRequestId - 1;
    }

    abstract byte[] connectPacket();

    /** Asks, and returns the answer. */
    abstract JsonNode request(String topic, String params);

    /** What it says of a device in {@code topo/add}. */
    abstract String member(SubDevice device);

    /** {@code params} of {@code combine/login}. */
    abstract String login(SubDevice device);

    /** {@code params} of {@code combine/login/batch}. */
    abstract String loginBatch(List<SubDevice> devices);

    /** What it does after a device was signed in. */
    void signedIn(SubDevice device) {}

    /** Answers a command, as far as its acknowledgement. */
    abstract void answer(String topic, String id);

    /** Takes a message about a device of its topology, answers and acknowledges it. */
    abstract JsonNode takeNotice(String what);

    /** What it does by itself when it is connected again, with one device that was signed in. */
    abstract void resume(SubDevice device);

    /** Connects; tells whether the hub still had its session. */
    boolean connect() {
        loseConnection();
        Connection connecting = Connection.to(hub.address());
        connection = connecting;
        connecting.send(connectPacket());
        Packet connack = connecting.read(Packet.CONNACK);
        assertThat(connack.code()).isZero();
        return connack.sessionPresent();
    }

    SubDevice gateway() {
        return gateway;
    }

    Connection connection() {
        return Objects.requireNonNull(connection);
    }

    String sys(SubDevice device, String rest) {
        return "/sys/" + device.levels() + "/" + rest;
    }

    String session(String rest) {
        return "/ext/session/" + gateway.levels() + "/" + rest;
    }

    JsonNode topoAdd(List<SubDevice> devices) {
        return request(sys(gateway, "thing/topo/add"), list(devices));
    }

    JsonNode topoGet() {
        return request(sys(gateway, "thing/topo/get"), "{}");
    }

    JsonNode signIn(SubDevice device) {
        JsonNode answer = request(session("combine/login"), login(device));
        signedIn(device);
        return answer;
    }

    JsonNode signInAll(List<SubDevice> devices) {
        return request(session("combine/login/batch"), loginBatch(devices));
    }

    JsonNode signOut(SubDevice device) {
        return request(session("combine/logout"), "{" + device.keys() + "}");
    }

    JsonNode report(SubDevice device) {
        return request(
                sys(device, "thing/measurepoint/post"),
                "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000}");
    }

    /** A report of the gateway about all of them at once. */
    JsonNode reportAll(List<SubDevice> devices) {
        String params =
                devices.stream()
                        .map(
                                device ->
                                        "{%s,\"measurepoints\":{\"temp\":5},\"time\":1700000000000}"
                                                .formatted(device.keys()))
                        .collect(Collectors.joining(",", "[", "]"));
        return request(sys(gateway, "thing/measurepoint/post/batch"), params);
    }

    /** A command for a device of its own; answered. */
    JsonNode serve(SubDevice device, String rest) {
        Packet command = connection().read(Packet.PUBLISH);
        assertThat(command.topic()).isEqualTo(sys(device, rest));
        JsonNode envelope = json(command.payload());
        answer(command.topic(), envelope.path("id").textValue());
        return envelope;
    }

    private String list(List<SubDevice> devices) {
        return devices.stream().map(this::member).collect(Collectors.joining(",", "[", "]"));
    }

    int nextPacketId() {
        packetId++;
        return packetId;
    }

    String nextRequestId() {
        requestId++;
        return Integer.toString(requestId);
    }

    /** Whether the topic has not been subscribed to in the way that this SDK remembers it. */
    boolean isFirst(String topic) {
        return subscribed.add(topic);
    }

    Set<String> subscribed() {
        return subscribed;
    }

    /** Subscribes, and waits for that. */
    void subscribe(String filter, int qos) {
        int id = nextPacketId();
        connection().send(Packets.subscribe(id, filter, qos));
        assertSuback(id, qos);
    }

    void assertSuback(int ofPacketId, int granted) {
        Packet suback = connection().read(Packet.SUBACK);
        assertThat(suback.packetId()).isEqualTo(ofPacketId);
        assertThat(suback.code()).isEqualTo(granted);
    }

    void assertPuback(int ofPacketId) {
        assertThat(connection().read(Packet.PUBACK).packetId()).isEqualTo(ofPacketId);
    }

    /** The answer to what was asked on {@code topic}; acknowledged if the hub wants that. */
    JsonNode readAnswer(String topic, int qos) {
        Packet answer = connection().read(Packet.PUBLISH);
        assertThat(answer.topic()).isEqualTo(topic + "_reply");
        assertThat(answer.qos()).isEqualTo(qos);
        if (qos == 1) {
            connection().send(Packets.puback(answer.packetId()));
        }
        return json(answer.payload());
    }

    /** A message of the hub's own about a device of the topology. */
    Packet readNotice(String what) {
        Packet notice = connection().read(Packet.PUBLISH);
        assertThat(notice.topic()).isEqualTo(session("combine/" + what));
        assertThat(notice.qos()).isEqualTo(1);
        return notice;
    }

    /** What is behind the keys, with dots: {@code thing.topo.add}. */
    static String method(String topic) {
        String keys = topic.startsWith("/ext/session/") ? "/ext/session/" : "/sys/";
        String[] levels = topic.substring(keys.length()).split("/", 3);
        return levels[2].replace('/', '.');
    }

    static String upper(String digest) {
        return digest.toUpperCase(Locale.ROOT);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName();
    }

    /** Nothing is said. */
    void loseConnection() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void close() {
        loseConnection();
    }
}
