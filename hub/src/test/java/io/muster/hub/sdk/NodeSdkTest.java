package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the SDK for Node.js needs of a hub. */
class NodeSdkTest extends AgainstHub {

    private static final String POST = "thing/measurepoint/post";
    private static final String POINTS = "{\"measurepoints\":{\"temp\":21.5}}";

    private NodeSdk signedIn() {
        NodeSdk sdk = new NodeSdk(hub, device);
        assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        return sdk;
    }

    @Test
    void itsDigestIsInUpperCaseAndItWaitsForTheSuback() {
        try (NodeSdk sdk = signedIn()) {
            assertThat(sdk.request(POST, POINTS).path("code").asInt()).isEqualTo(200);
            assertThat(hub.state(device)).isEqualTo("ONLINE");
        }
    }

    @Test
    void answersFindTheRequestsByTheirIdsAndNoCommandHasOneOfThose() throws Exception {
        try (NodeSdk sdk = signedIn()) {
            int requests = 20;
            Set<String> answered = new HashSet<>();
            sdk.request(POST, POINTS);
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () -> hub.command(device, "{\"method\":\"thing.service.reboot\"}"));
            String command = sdk.dispatch().path("id").textValue();
            for (int i = 0; i < requests; i++) {
                answered.add(sdk.request(POST, POINTS).path("id").textValue());
            }
            sdk.answer("thing/service/reboot", command);

            assertThat(answer.get(10, TimeUnit.SECONDS).path("code").asInt()).isEqualTo(200);
            assertThat(answered).hasSize(requests).doesNotContain(command);
        }
    }

    @Test
    void theIdsOfCommandsAreTextsOnTheirOwnAboveAllThoseOfRequests() {
        try (NodeSdk sdk = signedIn()) {
            Set<String> ids = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                CompletableFuture<JsonNode> answer =
                        CompletableFuture.supplyAsync(
                                () -> hub.command(device, "{\"method\":\"thing.service.x\"}"));
                JsonNode id = sdk.dispatch().path("id");
                ids.add(id.textValue());
                assertThat(Long.parseLong(id.textValue())).isGreaterThanOrEqualTo(1_000_000_000L);
                sdk.answer("thing/service/x", id.textValue());
                answer.join();
            }
            assertThat(ids).hasSize(3);
        }
    }

    @Test
    void eachActivatingDeviceIsToldItsSecretRightBehindTheConnack() {
        double confirmed = hub.activations("confirmed");
        int devices = 20;
        for (int i = 0; i < devices; i++) {
            String each = hub.createDevice();
            try (NodeSdk sdk = new NodeSdk(hub, each)) {
                assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.ACCEPTED);
                assertThat(sdk.readSecretAndConfirm()).isEqualTo(hub.secret(each));
            }
        }
        hub.awaitActivations("confirmed", confirmed + devices);
    }

    /** It has no handler yet, says nothing, and waits for ever. */
    @Test
    void aPushThatWasMissedComesAgain() {
        try (NodeSdk sdk = new NodeSdk(hub, device)) {
            sdk.beginActivation();
            sdk.missPush();

            assertThat(sdk.readSecretAndConfirm()).isEqualTo(hub.secret(device));
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
    }

    @Test
    void theDataOfAnswersIsAnObjectAnArrayOrEmpty() {
        try (NodeSdk sdk = signedIn()) {
            sdk.request("thing/attribute/update", "{\"attributes\":{\"a\":1}}");
            List<JsonNode> answers =
                    List.of(
                            sdk.request("thing/attribute/query", "{\"attributes\":[]}"),
                            sdk.request("thing/attribute/delete", "{\"attributes\":[\"a\"]}"),
                            sdk.request(
                                    "thing/tag/update", "[{\"tagKey\":\"a\",\"tagValue\":\"b\"}]"),
                            sdk.request("thing/tag/query", "{\"tags\":[]}"),
                            sdk.request("thing/tag/delete", "{\"tags\":[\"a\"]}"),
                            sdk.request("thing/event/hot/post", "{\"events\":{}}"),
                            sdk.request(POST + "/batch", "[" + POINTS + "]"),
                            sdk.request("thing/measurepoint/resume", POINTS),
                            sdk.request("thing/tsltemplate/get", "{}"),
                            sdk.request("ota/device/getversion", "{}"));
            assertThat(answers).allMatch(answer -> answer.path("code").asInt() == 200);

            assertThat(sdk.request(POST, "7").path("code").asInt()).isEqualTo(460);
            assertThat(sdk.request("thing/event/no name/post", "{}").path("code").asInt())
                    .isEqualTo(460);
        }
    }

    @Test
    void disablingClosesTheSocketAndTheNextConnectIsNotAuthorized() {
        try (NodeSdk sdk = signedIn()) {
            hub.disable(device);

            sdk.connection().assertClosedByHub();
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
        }
    }
}
