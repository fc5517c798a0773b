package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProductResourceTest {

    private static final String PRODUCTS = "/api/v1/products";

    private Path folder;
    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path emptyFolder) {
        folder = emptyFolder;
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void createsAProductAsAsked() {
        Answer answer =
                api.operator()
                        .post(
                                PRODUCTS,
                                "{\"productKey\":\"pump\",\"name\":\"Pumpe Ü\",\"dynamicActivation\":true}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/api/v1/products/pump");
        assertThat(answer.json().path("productKey").asText()).isEqualTo("pump");
        assertThat(answer.json().path("name").asText()).isEqualTo("Pumpe Ü");
        assertThat(answer.json().path("dynamicActivation").asBoolean()).isTrue();
        assertThat(answer.json().path("productSecret").asText()).hasSize(20);
        assertThat(Instant.parse(answer.json().path("createdAt").asText()))
                .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void choosesAKeyAndANameForAProductWithoutAny(String body) {
        Answer answer =
                body.isEmpty()
                        ? api.operator().post(PRODUCTS)
                        : api.operator().post(PRODUCTS, body);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("productKey").asText()).matches("[A-Za-z0-9_-]{1,20}");
        assertThat(answer.json().path("name").asText()).isNotEmpty();
        assertThat(answer.json().path("dynamicActivation").asBoolean(true)).isFalse();
    }

    @Test
    void changesWhatIsNamedAndLeavesTheRest() {
        Answer created =
                api.operator()
                        .post(PRODUCTS, "{\"productKey\":\"pump\",\"dynamicActivation\":true}");

        assertThat(api.operator().patch(PRODUCTS + "/pump", "{}").json().path("name").asText())
                .isEqualTo("pump");
        api.operator().patch(PRODUCTS + "/pump", "{\"name\":\"Pumpe\"}");
        Answer answer = api.operator().patch(PRODUCTS + "/pump", "{\"dynamicActivation\":false}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json()).isEqualTo(api.operator().get(PRODUCTS + "/pump").json());
        assertThat(answer.json().path("name").asText()).isEqualTo("Pumpe");
        assertThat(answer.json().path("dynamicActivation").asBoolean(true)).isFalse();
        assertThat(answer.json().path("createdAt")).isEqualTo(created.json().path("createdAt"));
        assertThat(answer.json().has("productSecret")).isFalse();
    }

    @Test
    void refusesChangesThatAreWrong() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");

        ApiFixture.assertProblem(
                api.operator().patch(PRODUCTS + "/nobody", "{\"name\":\"x\"}"), 404, "nobody");
        ApiFixture.assertProblem(
                api.operator().patch(PRODUCTS + "/pump", "{\"name\":\"\"}"), 400, "name");
        ApiFixture.assertProblem(
                api.operator().patch(PRODUCTS + "/pump", "{\"productKey\":\"p2\"}"),
                400,
                "unknown field 'productKey'; allowed are name, dynamicActivation");
        ApiFixture.assertProblem(
                api.operator().patch(PRODUCTS + "/pump", "{\"dynamicActivation\":1}"),
                400,
                "'dynamicActivation' must be true or false");
    }

    @Test
    void refusesAKeyThatIsTaken() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");

        Answer answer = api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");

        ApiFixture.assertProblem(answer, 409, "pump");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "über", "123456789012345678901", "a+b", "a b"})
    void refusesAKeyThatIsNotOne(String key) {
        Answer answer = api.operator().post(PRODUCTS, "{\"productKey\":\"" + key + "\"}");

        ApiFixture.assertProblem(answer, 400, "productKey '" + key + "' is not 1 to 20 letters");
    }

    @Test
    void showsAProductWithoutItsSecret() {
        JsonNode created = api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}").json();

        Answer answer = api.operator().get(PRODUCTS + "/pump");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("name")).isEqualTo(created.path("name"));
        assertThat(answer.json().path("createdAt")).isEqualTo(created.path("createdAt"));
        assertThat(answer.text()).doesNotContain(created.path("productSecret").asText());
    }

    @Test
    void showsTheSecretOnRequestOnly() {
        JsonNode created = api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}").json();

        Answer answer = api.operator().get(PRODUCTS + "/pump/secret");

        assertThat(answer.json().path("productSecret")).isEqualTo(created.path("productSecret"));
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "nothing/secret"})
    void answers404ForAProductThatIsNotThere(String path) {
        ApiFixture.assertProblem(
                api.operator().get(PRODUCTS + "/" + path), 404, "there is no product 'nothing'");
    }

    @Test
    void listsProductsInPagesWithoutTheirSecrets() {
        for (String key : new String[] {"c", "a", "b"}) {
            api.operator().post(PRODUCTS, "{\"productKey\":\"" + key + "\"}");
        }

        Answer first = api.operator().get(PRODUCTS + "?limit=2");
        Answer second =
                api.operator()
                        .get(PRODUCTS + "?limit=2&after=" + first.json().path("next").asText());

        assertThat(first.json().path("items").findValuesAsText("productKey"))
                .containsExactly("a", "b");
        assertThat(second.json().path("items").findValuesAsText("productKey")).containsExactly("c");
        assertThat(second.json().has("next")).isFalse();
        assertThat(first.text()).doesNotContain("ecret");
    }

    @Test
    void listsNothingBeforeThereIsAnything() {
        assertThat(api.operator().get(PRODUCTS).text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void takesTheGreatestLimit() {
        assertThat(api.operator().get(PRODUCTS + "?limit=1000").status()).isEqualTo(200);
    }

    @Test
    void deletesAProductWithoutDevices() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");

        assertThat(api.operator().delete(PRODUCTS + "/pump").status()).isEqualTo(204);

        assertThat(api.operator().get(PRODUCTS + "/pump").status()).isEqualTo(404);
        ApiFixture.assertProblem(
                api.operator().delete(PRODUCTS + "/pump"), 404, "product 'pump' is unknown");
    }

    @Test
    void deletesAProductWithDevicesOnlyWhenToldSo() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");
        for (int i = 1; i <= 450; i++) {
            api.managedHub().devices().registry().createDevice("pump", Optional.of("d" + i));
        }
        api.clients().connect("pump/d7");

        ApiFixture.assertProblem(
                api.operator().delete(PRODUCTS + "/pump"),
                409,
                "product 'pump' has 450 devices; delete them first, or together with"
                        + " ?devices=delete");
        for (String query : new String[] {"?devices=keep", "?device=delete", "?devices"}) {
            ApiFixture.assertProblem(
                    api.operator().delete(PRODUCTS + "/pump" + query), 400, "devices=delete");
        }
        assertThat(api.clients().isConnected("pump/d7")).isTrue();

        assertThat(api.operator().delete(PRODUCTS + "/pump?devices=delete").status())
                .isEqualTo(204);

        assertThat(api.clients().isConnected("pump/d7")).isFalse();
        assertThat(api.operator().get(PRODUCTS + "/pump/devices").status()).isEqualTo(404);
        assertThat(api.directory().counts())
                .allSatisfy((status, count) -> assertThat(count).isZero());
    }

    @Test
    void leavesNoDeviceConnectedWhenDeletingThemTogetherFailed() throws SQLException {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");
        for (String device : List.of("d1", "d2", "d3")) {
            api.managedHub().devices().registry().createDevice("pump", Optional.of(device));
            api.clients().connect("pump/" + device);
        }
        execute(
                "CREATE TRIGGER refuse BEFORE DELETE ON device WHEN OLD.device_key = 'd2'"
                        + " BEGIN SELECT RAISE(ABORT, 'not this one'); END");

        assertThat(api.operator().delete(PRODUCTS + "/pump?devices=delete").status())
                .isEqualTo(503);

        for (String device : List.of("d1", "d2", "d3")) {
            assertThat(api.clients().isConnected("pump/" + device)).as(device).isFalse();
        }
        assertThat(api.managedHub().devices().registry().listDevices("pump", "", 10))
                .extracting(device -> device.id().deviceKey())
                .containsExactly("d2");
        execute("DROP TRIGGER refuse");
        assertThat(api.operator().delete(PRODUCTS + "/pump?devices=delete").status())
                .isEqualTo(204);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
