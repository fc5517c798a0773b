package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.http.Stages;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretResourceTest {

    private static final String PRODUCT = "/api/v1/products/pump";
    private static final String DEVICE = PRODUCT + "/devices/d1";
    private static final DeviceId D1 = new DeviceId("pump", "d1");

    private ApiFixture api;
    private String deviceSecret;

    @BeforeEach
    void startWithADevice(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.operator().post("/api/v1/products", "{\"productKey\":\"pump\"}");
        deviceSecret =
                api.operator()
                        .post(PRODUCT + "/devices", "{\"deviceKey\":\"d1\"}")
                        .json()
                        .path("deviceSecret")
                        .asText();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private static void assertGoodFor(JsonNode answer, Duration overlap) {
        assertThat(Instant.parse(answer.path("previousGoodUntil").asText()))
                .isCloseTo(Instant.now().plus(overlap), within(1, ChronoUnit.MINUTES));
    }

    @ParameterizedTest
    @CsvSource({DEVICE + ",deviceSecret", PRODUCT + ",productSecret"})
    void replacesASecretAndSaysHowLongTheOneBeforeIsGood(String path, String field) {
        String before = api.operator().get(path + "/secret").json().path(field).asText();

        Answer answer = api.operator().post(path + "/secret", "{\"overlapSeconds\":3600}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().fieldNames())
                .toIterable()
                .containsExactly(field, "previousGoodUntil");
        assertThat(answer.json().path(field).asText()).hasSize(20).isNotEqualTo(before);
        assertGoodFor(answer.json(), Duration.ofHours(1));
        assertThat(api.operator().get(path + "/secret").json()).isEqualTo(answer.json());
    }

    @ParameterizedTest
    @ValueSource(strings = {DEVICE, PRODUCT})
    void givesADayUnlessToldOtherwiseAndNothingIfToldNothing(String path) {
        assertGoodFor(api.operator().post(path + "/secret").json(), Duration.ofDays(1));

        Answer answer = api.operator().post(path + "/secret", "{\"overlapSeconds\":0}");

        assertThat(answer.json().has("previousGoodUntil")).isFalse();
        assertThat(api.operator().get(path + "/secret").json()).isEqualTo(answer.json());
    }

    @ParameterizedTest
    @CsvSource({
        DEVICE + ",-1",
        DEVICE + ",2592001",
        DEVICE + ",1.5",
        PRODUCT + ",2592001",
    })
    void refusesAnOverlapOfMoreThanAMonth(String path, String seconds) {
        ApiFixture.assertProblem(
                api.operator().post(path + "/secret", "{\"overlapSeconds\":" + seconds + "}"),
                400,
                "the field 'overlapSeconds' must be a whole number from 0 to 2592000");
        assertThat(api.operator().get(DEVICE + "/secret").json().path("deviceSecret").asText())
                .isEqualTo(deviceSecret);
    }

    @ParameterizedTest
    @ValueSource(strings = {PRODUCT + "/devices/no", "/api/v1/products/no"})
    void answers404ForWhatIsNotThere(String path) {
        ApiFixture.assertProblem(api.operator().post(path + "/secret"), 404, "no' is unknown");
    }

    @ParameterizedTest
    @CsvSource({
        "{\"overlapSeconds\":0}, false",
        "'{\"overlapSeconds\":0,\"disconnect\":true}', false",
        "'{\"overlapSeconds\":0,\"disconnect\":false}', true",
        "{\"overlapSeconds\":60}, true",
        "{}, true",
        "'{\"overlapSeconds\":60,\"disconnect\":true}', false",
    })
    void endsTheConnectionWhereTheOldSecretEndsAtOnceUnlessToldOtherwise(
            String body, boolean staysConnected) {
        api.clients().connect("pump/d1");

        assertThat(api.operator().post(DEVICE + "/secret", body).status()).isEqualTo(200);

        assertThat(api.clients().isConnected("pump/d1")).isEqualTo(staysConnected);
    }

    @Test
    void aConnectedDeviceHasItsNewSecretInMemoryTooWhenTheAnswerIsThere() {
        Stages.await(api.signIn(D1));

        String secret =
                api.operator().post(DEVICE + "/secret").json().path("deviceSecret").asText();

        assertThat(Stages.await(api.directory().find(D1)).orElseThrow().secret().reveal())
                .isEqualTo(secret);
        assertThat(api.operator().get(DEVICE).json().path("state").asText()).isEqualTo("ONLINE");
    }
}
