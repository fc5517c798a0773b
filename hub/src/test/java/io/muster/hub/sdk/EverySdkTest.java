package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What all SDKs need of a hub, and what it does when they come again and again. */
class EverySdkTest extends AgainstHub {

    /** One of each, each a device of its own. */
    static Stream<DeviceSdk> sdks() {
        return Stream.of(
                new JavaSdk(hub, hub.createDevice()),
                new PythonSdk(hub, hub.createDevice()),
                new NodeSdk(hub, hub.createDevice()),
                new CSdk(hub, hub.createDevice()));
    }

    @ParameterizedTest
    @MethodSource("sdks")
    void isAnsweredWhateverItSends(DeviceSdk sdk) {
        try (sdk) {
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            Connection connection = sdk.connection();
            String filter = sdk.sys("thing/measurepoint/post_reply");
            connection.send(Packets.subscribe(7, filter, 1));
            sdk.assertSuback(7, 1);
            connection.send(Packets.unsubscribe(8, filter));
            assertThat(connection.read(Packet.UNSUBACK).packetId()).isEqualTo(8);
            connection.send(Packets.publish(9, sdk.sys("thing/measurepoint/post"), "{}"));
            sdk.assertPuback(9);
            // It is not answered where it does not listen.
            connection.assertNothingElseCame();
        }
    }

    /** Asks while the device answers with {@code data}, and compares what each has got. */
    private static void assertServes(
            DeviceSdk sdk, String name, String params, String data, String asked) throws Exception {
        String method = "thing.service.measurepoint." + name;
        String command = "{\"method\":\"%s\",\"params\":%s}".formatted(method, params);
        CompletableFuture<JsonNode> answer =
                CompletableFuture.supplyAsync(() -> hub.command(sdk.deviceKey(), command));

        String got = sdk.serve("thing/service/measurepoint/" + name, data);

        JsonNode answered = answer.get(10, TimeUnit.SECONDS);
        assertThat(answered.path("code").asInt()).isEqualTo(200);
        assertThat(answered.path("data")).isEqualTo(DeviceSdk.json(data));
        assertThat(got)
                .isEqualTo(
                        "{\"id\":\"%s\",\"version\":\"1.0\",\"method\":\"%s\",\"params\":%s}"
                                .formatted(answered.path("id").asText(), method, asked));
    }

    @ParameterizedTest
    @MethodSource("sdks")
    void itsMeasurePointsAreSet(DeviceSdk sdk) throws Exception {
        try (sdk) {
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            assertServes(
                    sdk,
                    "set",
                    "{\"temp\": 22.50, \"on\": true}",
                    "{}",
                    "{\"temp\":22.50,\"on\":true}");
            sdk.connection().assertNothingElseCame();
        }
    }

    /** The others have no handler for that. */
    static Stream<DeviceSdk> thatAreAsked() {
        return Stream.of(
                new JavaSdk(hub, hub.createDevice()), new PythonSdk(hub, hub.createDevice()));
    }

    @ParameterizedTest
    @MethodSource("thatAreAsked")
    void itsMeasurePointsAreAsked(DeviceSdk sdk) throws Exception {
        try (sdk) {
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            String values = "{\"temp\":22.5,\"hall\":{\"value\":\"x\",\"quality\":9}}";
            assertServes(sdk, "get", "[\"temp\", \"hall\"]", values, "[\"temp\",\"hall\"]");
            sdk.connection().assertNothingElseCame();
        }
    }

    @ParameterizedTest
    @MethodSource("sdks")
    void aSecondConnectionTakesOver(DeviceSdk sdk) {
        try (sdk) {
            sdk.signIn();
            Connection first = sdk.connection();
            Connection second = Connection.to(hub.address());
            second.send(sdk.connectPacket(DeviceSdk.STATIC, hub.secret(sdk.deviceKey())));

            assertThat(second.read(Packet.CONNACK).code()).isEqualTo(DeviceSdk.ACCEPTED);
            first.assertClosedByHub();
            second.close();
        }
    }

    /** They come back for ever, with the same bytes, some of them every second. */
    @Test
    void disabledDevicesThatComeAgainAndAgainAreRefusedAndDisturbNobody() {
        List<DeviceSdk> disabled = sdks().toList();
        disabled.forEach(sdk -> assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED));
        disabled.forEach(sdk -> hub.disable(sdk.deviceKey()));
        try (DeviceSdk other = new JavaSdk(hub, hub.createDevice())) {
            assertThat(other.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            for (int i = 0; i < 50; i++) {
                disabled.forEach(
                        sdk -> assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED));
            }
            other.connection().assertNothingElseCame();
            assertThat(new JavaSdk(hub, hub.createDevice()).signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
        for (DeviceSdk sdk : disabled) {
            hub.enable(sdk.deviceKey());
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            sdk.close();
        }
    }
}
