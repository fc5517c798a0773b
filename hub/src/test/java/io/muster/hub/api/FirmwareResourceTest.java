package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirmwareResourceTest {

    private static final String FIRMWARE = "/api/v1/products/pk/firmware";
    private static final String DEVICE = "/api/v1/products/pk/devices/dk/firmware";
    private static final String BODY =
            "{\"url\":\"https://files.example/1\",\"size\":7,\"sign\":\"ab\",\"signMethod\":\"md5\"}";
    private static final String VIEW =
            "{\"version\":\"1.0\",\"url\":\"https://files.example/1\",\"size\":7,"
                    + "\"sign\":\"ab\",\"signMethod\":\"md5\"}";

    private ApiFixture fixture;
    private HttpCaller operator;

    @BeforeEach
    void startWithADevice(@TempDir Path folder) {
        fixture = ApiFixture.start(folder);
        operator = fixture.operator();
        operator.post("/api/v1/products", "{\"productKey\":\"pk\"}");
        operator.post("/api/v1/products/pk/devices", "{\"deviceKey\":\"dk\"}");
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Answer put(String version, String body) {
        return operator.call("PUT", FIRMWARE + "/" + version, body);
    }

    @Test
    void offersShowsAndWithdrawsAVersion() {
        assertThat(operator.get(FIRMWARE).text()).isEqualTo("{\"items\":[]}");

        Answer offered = put("1.0", BODY);

        assertThat(offered.status()).isEqualTo(200);
        assertThat(offered.text()).isEqualTo(VIEW);
        assertThat(operator.get(FIRMWARE).text()).isEqualTo("{\"items\":[" + VIEW + "]}");
        assertThat(operator.get(FIRMWARE + "/1.0").text()).isEqualTo(VIEW);
        assertThat(operator.delete(FIRMWARE + "/1.0").status()).isEqualTo(204);
        ApiFixture.assertProblem(
                operator.delete(FIRMWARE + "/1.0"),
                404,
                "firmware '1.0' is not offered to product 'pk'");
        ApiFixture.assertProblem(operator.get(FIRMWARE + "/1.0"), 404, "is not offered");
    }

    @Test
    void saysWhatIsWrongWithAnOffer() {
        ApiFixture.assertProblem(put("1.0", "{}"), 400, "the field 'size' is missing");
        ApiFixture.assertProblem(
                put("1.0", BODY.replace("7", "0")), 400, "a whole number from 1 to 2147483647");
        ApiFixture.assertProblem(
                put("1.0", BODY.replace("https", "file")), 400, "url is not one of http");
        ApiFixture.assertProblem(put("1%20", BODY), 400, "version is not 1 to 64");
        ApiFixture.assertProblem(
                operator.call("PUT", "/api/v1/products/no/firmware/1", BODY),
                404,
                "product 'no' is unknown");
        ApiFixture.assertProblem(operator.get("/api/v1/products/no/firmware"), 404, "'no'");
    }

    @Test
    void aDeviceSaidNothingOfItsFirmwareYet() {
        assertThat(operator.get(DEVICE).text()).isEqualTo("{}");
        ApiFixture.assertProblem(
                operator.get("/api/v1/products/pk/devices/no/firmware"), 404, "'pk/no'");
    }

    @Test
    void pushesOnlyWhatIsOfferedAndToWhomIsConnected() {
        ApiFixture.assertProblem(
                operator.post(DEVICE, "{\"version\":\"1.0\"}"), 404, "'1.0' is not offered");
        ApiFixture.assertProblem(operator.post(DEVICE, "{}"), 400, "'version' is missing");
        put("1.0", BODY);

        ApiFixture.assertProblem(
                operator.post(DEVICE, "{\"version\":\"1.0\"}"), 409, "pk/dk is not connected");
    }
}
