package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the SDK for Python needs of a hub. */
class PythonSdkTest extends AgainstHub {

    private static final String POINTS =
            "{\"measurepoints\": {\"temp\": 21.5}, \"time\": 1700000000000}";

    private PythonSdk signedIn() {
        PythonSdk sdk = new PythonSdk(hub, device);
        assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        return sdk;
    }

    @Test
    void itsHmacIsAPlainDigestAndItsTimestampHasAFraction() {
        try (PythonSdk sdk = signedIn()) {
            assertThat(hub.state(device)).isEqualTo("ONLINE");
            assertThat(sdk.connect(DeviceSdk.STATIC, "wrong")).isEqualTo(DeviceSdk.BAD_CREDENTIALS);
        }
    }

    @Test
    void aSubscribeAndAPublishInOneSegmentKeepTheirOrder() {
        for (int i = 0; i < 50; i++) {
            try (PythonSdk sdk = signedIn()) {
                sdk.request("thing/measurepoint/post", "thing.measurepoint.post", POINTS);
            }
        }
    }

    @Test
    void theIdOfAnAnswerIsATextAndItsCodeANumber() {
        try (PythonSdk sdk = signedIn()) {
            JsonNode answer =
                    DeviceSdk.json(
                            sdk.request(
                                    "thing/measurepoint/post", "thing.measurepoint.post", POINTS));

            assertThat(answer.path("id").textValue()).isEqualTo("1");
            assertThat(answer.path("code").isInt()).isTrue();
            assertThat(answer.path("code").intValue()).isEqualTo(200);
        }
    }

    @Test
    void theMethodOfItsEventsMayBeSpelledWrongly() {
        try (PythonSdk sdk = signedIn()) {
            assertThat(
                            sdk.request(
                                    "thing/event/hot/post",
                                    "thing.event.%s.posthot",
                                    "{\"events\": {\"t\": 9}}"))
                    .contains("\"code\":200");
        }
    }

    @Test
    void itsAnswerToAnActivationIsAcknowledgedAndItIsNotToldAgain() throws Exception {
        double confirmed = hub.activations("confirmed");
        double resent = hub.activations("resent");
        try (PythonSdk sdk = new PythonSdk(hub, device)) {
            assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.ACCEPTED);
            assertThat(sdk.readSecretAndConfirm()).isEqualTo(hub.secret(device));
            hub.awaitActivations("confirmed", confirmed + 1);

            // Longer than until the next sending.
            TimeUnit.MILLISECONDS.sleep(1_200);

            sdk.connection().assertNothingElseCame();
            assertThat(hub.activations("resent")).isEqualTo(resent);
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
    }

    @Test
    void itAnswersACommandWithQosOne() throws Exception {
        try (PythonSdk sdk = signedIn()) {
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () -> hub.command(device, "{\"method\":\"thing.service.reboot\"}"));

            sdk.serve("thing/service/reboot");

            assertThat(answer.get(10, TimeUnit.SECONDS).path("code").asInt()).isEqualTo(200);
        }
    }

    @Test
    void disablingClosesTheSocketAndTheNextConnectIsNotAuthorized() {
        try (PythonSdk sdk = signedIn()) {
            hub.disable(device);

            sdk.connection().assertClosedByHub();
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
        }
    }
}
