package io.muster.hub.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the SDK for C needs of a hub. */
class CSdkTest extends AgainstHub {

    private static final String POINTS = "{\"measurepoints\":{\"temp\":21.5}}";

    private CSdk signedIn() {
        CSdk sdk = new CSdk(hub, device);
        assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        return sdk;
    }

    @Test
    void aClientIdentifierOfBothKeysAConstantTimestampAndAnUpperCaseDigestVerify() {
        try (CSdk sdk = signedIn()) {
            assertThat(hub.state(device)).isEqualTo("ONLINE");
            assertThat(sdk.connect(DeviceSdk.STATIC, "wrong")).isEqualTo(DeviceSdk.BAD_CREDENTIALS);
        }
    }

    @Test
    void readsItsSecretOneByteBehindTheColonInLessThanAThousandBytes() {
        String longest = "k".repeat(64);
        hub.createDevice(SdkHub.PRODUCT, longest);
        for (String each : new String[] {device, longest}) {
            try (CSdk sdk = new CSdk(hub, each)) {
                assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.ACCEPTED);
                assertThat(sdk.readSecret()).isEqualTo(hub.secret(each));
            }
        }
    }

    @Test
    void needNotAnswerAnActivationAndMayComeAgainUntilItSignedIn() {
        double unconfirmed = hub.activations("unconfirmed");
        try (CSdk sdk = new CSdk(hub, device)) {
            for (int i = 0; i < 2; i++) {
                assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.ACCEPTED);
                assertThat(sdk.readSecret()).isEqualTo(hub.secret(device));
                sdk.leave();
            }
            hub.awaitActivations("unconfirmed", unconfirmed + 2);
            assertThat(hub.state(device)).isEqualTo("INACTIVE");
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
            assertThat(sdk.beginActivation()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
        }
    }

    /** It stays some four seconds, and each time acknowledges what it has already. */
    @Test
    void isToldAgainWhileItStaysWithoutAnAnswer() {
        try (CSdk sdk = new CSdk(hub, device)) {
            sdk.beginActivation();
            for (int i = 0; i < 3; i++) {
                assertThat(sdk.readSecret()).isEqualTo(hub.secret(device));
            }
            sdk.leave();
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);
        }
    }

    @Test
    void subscribesToAllItsFiltersWithQosZeroAlsoThoseWithAPlus() {
        try (CSdk sdk = signedIn()) {
            sdk.subscribeToAll();

            assertThat(sdk.request("thing/measurepoint/post", POINTS))
                    .isEqualTo("{\"id\":\"0\",\"code\":200,\"message\":\"success\",\"data\":\"\"}");
            assertThat(sdk.request("thing/event/hot/post", "{\"events\":{\"t\":9}}"))
                    .contains("\"id\":\"1\",\"code\":200");
            sdk.connection().assertNothingElseCame();
        }
    }

    @Test
    void hearsACommandOnceAlthoughItSubscribesToCommandsToo() throws Exception {
        try (CSdk sdk = signedIn()) {
            sdk.subscribeToAll();
            CompletableFuture<JsonNode> answer =
                    CompletableFuture.supplyAsync(
                            () -> hub.command(device, "{\"method\":\"thing.service.reboot\"}"));

            String command = sdk.serve("thing/service/reboot");

            assertThat(command).doesNotContain(" ");
            assertThat(answer.get(10, TimeUnit.SECONDS).path("code").asInt()).isEqualTo(200);
            // Its filter thing/service/+ matches that too.
            sdk.readReply(sdk.sys("thing/service/reboot"), 0);
            sdk.connection().assertNothingElseCame();
        }
    }

    @Test
    void findsItsLastingSessionAgain() {
        try (CSdk sdk = signedIn()) {
            sdk.subscribeToAll();

            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.ACCEPTED);

            assertThat(sdk.request("thing/measurepoint/post", POINTS)).contains("\"code\":200");
        }
    }

    @Test
    void disablingClosesTheSocketAndTheNextConnectIsNotAuthorized() {
        try (CSdk sdk = signedIn()) {
            hub.disable(device);

            sdk.connection().assertClosedByHub();
            assertThat(sdk.signIn()).isEqualTo(DeviceSdk.NOT_AUTHORIZED);
        }
    }
}
