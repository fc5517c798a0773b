package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Stages;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportResourceTest {

    private static final String PRODUCT = "/api/v1/products/pump";

    private ApiFixture api;

    @BeforeEach
    void startWithAProduct(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.operator().post("/api/v1/products", "{\"productKey\":\"pump\"}");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Answer importCsv(String text) {
        return api.operator().post(PRODUCT + "/import", "text/csv; charset=utf-8", text);
    }

    private JsonNode devices() {
        return api.operator().get(PRODUCT + "/devices?secrets=true").json().path("items");
    }

    @Test
    void importsAFileThatIsLargerThanOtherBodiesMayBe() {
        assertThat(
                        api.directory()
                                .find(new DeviceId("pump", "device-number-7"))
                                .toCompletableFuture()
                                .join())
                .isEmpty();
        String file =
                IntStream.range(0, 5_000)
                        .mapToObj(i -> "device-number-" + i + ",the-secret-of-" + i + "\n")
                        .collect(Collectors.joining("", "deviceKey,deviceSecret\n", ""));
        assertThat(file.length()).isGreaterThan(2 * RequestFields.BODY_BYTES_MAX);

        Answer answer = importCsv(file);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().toString()).isEqualTo("{\"imported\":5000}");
        assertThat(api.directory().counts()).containsEntry(DeviceStatus.INACTIVE, 5_000L);
        assertThat(
                        Stages.await(api.directory().find(new DeviceId("pump", "device-number-7")))
                                .orElseThrow()
                                .secret()
                                .reveal())
                .isEqualTo("the-secret-of-7");
    }

    @Test
    void importsJsonLinesAndMakesSecretsThatAreShownOnRequestOnly() {
        Answer answer =
                api.operator()
                        .post(
                                PRODUCT + "/import",
                                "application/x-ndjson",
                                "{\"deviceKey\":\"a\"}\n{\"deviceKey\":\"b\",\"deviceSecret\":\"a-secret\"}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(devices()).hasSize(2);
        assertThat(devices().path(0).path("deviceSecret").asText()).hasSize(20);
        assertThat(devices().path(1).path("deviceSecret").asText()).isEqualTo("a-secret");
        assertThat(api.operator().get(PRODUCT + "/devices").text()).doesNotContain("deviceSecret");
        ApiFixture.assertProblem(
                api.operator().get(PRODUCT + "/devices?secrets=false"), 400, "must be true");
    }

    @Test
    void importsAttributesAndWhoIsDisabled() {
        Answer answer =
                importCsv(
                        """
                        deviceKey,attributes,state
                        a,"{""size"":{""w"":1}}",DISABLED
                        b,,ONLINE
                        """);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(api.operator().get(PRODUCT + "/devices/a/attributes").text())
                .isEqualTo("{\"size\":{\"w\":1}}");
        assertThat(devices())
                .extracting(device -> device.path("state").asText())
                .containsExactly("DISABLED", "INACTIVE");
        assertThat(api.directory().counts())
                .containsEntry(DeviceStatus.DISABLED, 1L)
                .containsEntry(DeviceStatus.INACTIVE, 1L);
        assertThat(api.operator().post(PRODUCT + "/devices/a/enable").json().path("state").asText())
                .isEqualTo("INACTIVE");
    }

    @Test
    void saysWhichLinesAreWrongAndImportsNothing() {
        Answer answer = importCsv("deviceKey\ngood\na/b\nfine\n+\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("detail").asText())
                .isEqualTo("2 lines are not good; nothing was imported");
        assertThat(answer.json().path("lines"))
                .extracting(line -> line.path("line").asInt())
                .containsExactly(3, 5);
        assertThat(answer.json().path("lines").path(0).path("problem").asText())
                .startsWith("deviceKey 'a/b' is not 1 to 64 letters");
        assertThat(devices()).isEmpty();
    }

    @Test
    void saysWhichDevicesExistAlreadyAndImportsNothing() {
        importCsv("deviceKey\nb\n");

        Answer answer = importCsv("deviceKey\na\nb\n");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().path("lines").toString())
                .isEqualTo("[{\"line\":3,\"problem\":\"device 'b' exists already\"}]");
        assertThat(devices()).hasSize(1);
    }

    @Test
    void refusesWhatIsNoFileOfDevices() {
        ApiFixture.assertProblem(
                api.operator().post(PRODUCT + "/import", "{}"), 415, "text/csv or application/x");
        ApiFixture.assertProblem(importCsv("deviceKey\n"), 400, "the file holds no device");
        ApiFixture.assertProblem(
                api.operator().post("/api/v1/products/no/import", "text/csv", "deviceKey\na"),
                404,
                "'no'");
    }
}
