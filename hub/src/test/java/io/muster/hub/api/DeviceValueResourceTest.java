package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.HttpCaller;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceValueResourceTest {

    private static final String DEVICE = "/api/v1/products/pk/devices/dk";

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

    @Test
    void setsChangesAndRemovesTags() {
        assertThat(operator.get(DEVICE + "/tags").text()).isEqualTo("{}");

        operator.patch(DEVICE + "/tags", "{\"hall\":\"3\",\"owner\":\"é\"}");
        HttpCaller.Answer changed =
                operator.patch(DEVICE + "/tags", "{\"hall\":\"4\",\"owner\":null,\"gone\":null}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.text()).isEqualTo("{\"hall\":\"4\"}");
        assertThat(operator.get(DEVICE + "/tags").text()).isEqualTo("{\"hall\":\"4\"}");
        assertThat(operator.get(DEVICE + "/attributes").text()).isEqualTo("{}");
    }

    @Test
    void saysWhatIsWrongAndChangesNothing() {
        HttpCaller.Answer number = operator.patch(DEVICE + "/tags", "{\"a\":\"b\",\"hall\":3}");
        HttpCaller.Answer tooLong =
                operator.patch(
                        DEVICE + "/attributes",
                        "{\"a\":1,\"b\":\"%s\"}".formatted("x".repeat(5_000)));

        HttpCaller.Answer tooDeep =
                operator.patch(
                        DEVICE + "/attributes",
                        "{\"a\":%s%s}".formatted("[".repeat(50), "]".repeat(50)));

        assertThat(tooDeep.status()).isEqualTo(400);
        assertThat(number.status()).isEqualTo(400);
        assertThat(number.text()).contains("the tag 'hall' is not a text or null");
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.text()).contains("attribute 'b' is longer than 4096 characters");
        assertThat(operator.get(DEVICE + "/tags").text()).isEqualTo("{}");
        assertThat(operator.get(DEVICE + "/attributes").text()).isEqualTo("{}");
    }

    @Test
    void knowsNothingOfADeviceThatThereIsNot() {
        for (String path : new String[] {"/tags", "/attributes"}) {
            String other = "/api/v1/products/pk/devices/nobody" + path;
            assertThat(operator.get(other).status()).isEqualTo(404);
            assertThat(operator.patch(other, "{\"a\":\"b\"}").status()).isEqualTo(404);
        }
    }
}
