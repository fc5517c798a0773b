package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the SDK for Java needs of a hub. */
class JavaSdkTest extends AgainstHub {

    private JavaSdk signedIn() {
        JavaSdk sdk = new JavaSdk(hub, device);
        assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        return sdk;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT}",
                "{ip=127.0.0.1,compress=DEFAULT}",
                "{ip=fe80:0:0:0:1c2b:3d4e:5f60:7a8b%eth0,version=enos-mqtt-2.4.0,compress=DEFAULT}",
                ""
            })
    void aClientIdentifierWithTheBlockOfEachVersionVerifies(String block) {
        try (JavaSdk sdk = new JavaSdk(hub, device, block)) {
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            assertThat(hub.state(device)).isEqualTo("ONLINE");
        }
    }

    @Test
    void theSubscribeIsAnsweredBeforeTheClientPublishes() {
        try (JavaSdk sdk = signedIn()) {
            sdk.subscribe("thing/measurepoint/post", 1);

            sdk.connection().assertNothingElseCame();
        }
    }

    @Test
    void measurePointsAreAcknowledgedAndThenAnswered() {
        try (JavaSdk sdk = signedIn()) {
            for (int id = 1; id <= 2; id++) {
                String answer =
                        sdk.request(
                                "thing/measurepoint/post",
                                "{\"measurepoints\":{\"temp\":21.5},\"time\":1700000000000}",
                                1);

                assertThat(answer)
                        .isEqualTo(
                                "{\"id\":\"%d\",\"code\":200,\"message\":\"success\",\"data\":\"\"}"
                                        .formatted(id));
            }
        }
    }

    @Test
    void anEventIsPostedAndAnsweredWithQosZero() {
        try (JavaSdk sdk = signedIn()) {
            String answer =
                    sdk.request(
                            "thing/event/hot/post",
                            "{\"time\":1700000000000,\"events\":{\"temp\":99}}",
                            0);

            assertThat(answer)
                    .isEqualTo("{\"id\":\"1\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
        }
    }

    @Test
    void attributesAndTagsAreKeptAndAsked() {
        try (JavaSdk sdk = signedIn()) {
            sdk.request("thing/attribute/update", "{\"attributes\":{\"a\":1.25,\"b\":\"x\"}}", 1);
            sdk.request("thing/tag/update", "[{\"tagValue\":\"3\",\"tagKey\":\"hall\"}]", 1);

            assertThat(sdk.request("thing/attribute/query", "{\"attributes\":[]}", 1))
                    .contains("\"id\":\"3\",\"code\":200", "\"data\":{\"a\":1.25,\"b\":\"x\"}");
            assertThat(sdk.request("thing/tag/query", "{\"tags\":[\"hall\"]}", 1))
                    .contains("\"id\":\"4\",\"code\":200", "\"data\":{\"hall\":\"3\"}");
        }
    }

    /** The answer is processed although the connection is closed right behind it. */
    @Test
    void activatesAndComesBackWithTheSameTimestamp() {
        double confirmed = hub.activations("confirmed");
        try (JavaSdk sdk = new JavaSdk(hub, device)) {
            assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.ACCEPTED);
            assertThat(hub.state(device)).isEqualTo("INACTIVE");

            String told = sdk.readSecret();
            sdk.confirmAndLeave();

            assertThat(told).isEqualTo(hub.secret(device));
            hub.awaitActivations("confirmed", confirmed + 1);
            assertThat(sdk.connect(DeviceSdk.STATIC, told)).isEqualTo(DeviceSdk.ACCEPTED);
            assertThat(hub.state(device)).isEqualTo("ONLINE");
            assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
        }
    }

    @Test
    void aDeviceThatIsNotReadyForItsSecretIsToldAgain() {
        double resent = hub.activations("resent");
        try (JavaSdk sdk = new JavaSdk(hub, device)) {
            sdk.beginActivation();
            sdk.readSecret();
            sdk.answerNotReady();

            assertThat(sdk.readSecret()).isEqualTo(hub.secret(device));
            assertThat(hub.activations("resent")).isEqualTo(resent + 1);
        }
    }

    @Test
    void aServiceIsInvokedWithoutASubscriptionAndAnswered() throws Exception {
        try (JavaSdk sdk = signedIn()) {
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () ->
                                    hub.command(
                                            device,
                                            "{\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}"));

            String command = sdk.serve("thing/service/reboot");

            JsonNode given = answer.get(10, TimeUnit.SECONDS);
            assertThat(given.path("data").path("ok").asInt()).isEqualTo(1);
            assertThat(command)
                    .isEqualTo(
                            "{\"id\":\"%s\",\"version\":\"1.0\",\"method\":\"thing.service.reboot\",\"params\":{\"in\":5}}"
                                    .formatted(given.path("id").asText()));
        }
    }

    @Test
    void takesTheFirmwareThatIsOfferedAndSaysHowFarItIs() throws Exception {
        hub.operator()
                .call(
                        "PUT",
                        "/api/v1/products/pump/firmware/1.3",
                        "{\"url\":\"https://files.example/1.3\",\"size\":123456,"
                                + "\"sign\":\"ab12\",\"signMethod\":\"md5\"}");
        String offer =
                "{\"version\":\"1.3\",\"signMethod\":\"md5\",\"sign\":\"ab12\","
                        + "\"fileUrl\":\"https://files.example/1.3\",\"fileSize\":123456}";
        try (JavaSdk sdk = signedIn()) {
            sdk.request("ota/device/inform", "{\"version\":\"1.2\"}", 1);
            assertThat(sdk.request("ota/device/getversion", "{}", 1)).contains("[" + offer + "]");
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () -> hub.post(device, "firmware", "{\"version\":\"1.3\"}"));

            String command = sdk.serve("ota/device/upgrade");

            assertThat(answer.get(10, TimeUnit.SECONDS).path("code").asInt()).isEqualTo(200);
            assertThat(command).contains("\"method\":\"ota.device.upgrade\",\"params\":" + offer);
            sdk.request("ota/device/progress", "{\"step\":\"50\",\"desc\":\"half\"}", 1);
            JsonNode said = hub.firmware(device);
            assertThat(said.path("version").asText()).isEqualTo("1.2");
            assertThat(said.path("step").asText()).isEqualTo("50");
            assertThat(said.path("description").asText()).isEqualTo("half");
        }
    }

    @Test
    void trafficControlReachesItAndIsAnswered() throws Exception {
        try (JavaSdk sdk = signedIn()) {
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () ->
                                    hub.command(
                                            device,
                                            "{\"method\":\"traffic.control\",\"params\":{\"rate\":5}}"));

            String command = sdk.serve("traffic/control");

            assertThat(command).contains("\"method\":\"traffic.control\",\"params\":{\"rate\":5}");
            assertThat(answer.get(10, TimeUnit.SECONDS).path("data").path("ok").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void disablingClosesTheSocketAndTheNextConnectIsNotAuthorized() {
        try (JavaSdk sdk = signedIn()) {
            hub.disable(device);

            sdk.connection().assertClosedByHub();
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
            hub.enable(device);
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
    }
}
