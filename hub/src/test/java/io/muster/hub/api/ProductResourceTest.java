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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                                "{\"productKey\":\"pump\",\"name\":\"Pumpe"
                                        + " Ü\",\"dynamicActivation\":true}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/api/v1/products/pump");
        assertThat(answer.json().path("productKey").asText()).isEqualTo("pump");
        assertThat(answer.json().path("name").asText()).isEqualTo("Pumpe Ü");
        assertThat(answer.json().path("dynamicActivation").asBoolean()).isTrue();
        assertThat(answer.json().path("productSecret").asText()).hasSize(20);
        assertThat(Instant.parse(answer.json().path("createdAt").asText()))
                .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
    }

    @Test
    void createsAProductWithTheSecretThatIsInTheImageOfItsDevices() {
        Answer answer =
                api.operator()
                        .post(
                                PRODUCTS,
                                "{\"productKey\":\"p\",\"productSecret\":\"of the image\"}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("productSecret").asText()).isEqualTo("of the image");
        assertThat(api.operator().get(PRODUCTS + "/p/secret").json().path("productSecret").asText())
                .isEqualTo("of the image");
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(api.auditDetail("product.create"))
                                        .isEqualTo("with a chosen secret"));
        assertThat(api.operator().get("/api/v1/audit").text()).doesNotContain("of the image");
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "{\"productSecret\":\"with a \\\"\"}"),
                400,
                "printable characters of ASCII only, without \" and \\");
    }

    @Test
    void changesOnlyTheRevisionThatWasSeen() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");
        String pump = PRODUCTS + "/pump";
        String seen = api.operator().get(pump).header("ETag");
        assertThat(seen).isEqualTo("\"1\"");
        Answer changed = api.operator().patchIf(seen, pump, "{\"tags\":{\"hall\":\"3\"}}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isEqualTo("\"2\"");

        Answer late = api.operator().patchIf(seen, pump, "{\"idleLimitSeconds\":5}");

        assertThat(late.status()).isEqualTo(412);
        assertThat(late.header("ETag")).isEqualTo("\"2\"");
        assertThat(late.json().path("revision").asLong()).isEqualTo(2);
        assertThat(late.json().path("detail").asText()).contains("product 'pump'", "revision 2");
        assertThat(api.operator().get(pump).json().path("idleLimitSeconds").isNull()).isTrue();
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
                "unknown field 'productKey'; allowed are name, type, dynamicActivation");
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
    void endsNoSessionOfDevicesThatAreStillThereWhenDeletingThemFailed() throws SQLException {
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

        assertThat(api.managedHub().devices().registry().listDevices("pump", "", 10)).hasSize(3);
        assertThat(api.clients().forgotten()).isEmpty();
        execute("DROP TRIGGER refuse");
        assertThat(api.operator().delete(PRODUCTS + "/pump?devices=delete").status())
                .isEqualTo(204);
        assertThat(api.clients().forgotten())
                .containsExactlyInAnyOrder(
                        "pump/d1",
                        "pump/d2",
                        "pump/d3",
                        "activation:pump/d1",
                        "activation:pump/d2",
                        "activation:pump/d3");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void keepsAllThatAnOperatorDecides() {
        String everything =
                """
                {"productKey":"pump","name":"Pumps","type":"GATEWAY","dynamicActivation":true,
                "selfRegistration":true,"gatewayRegistration":true,"certificateRequired":true,
                "idleLimitSeconds":90,"signIn":{"allowWeakDigests":true,"maxClockSkewSeconds":0,
                "timestampsAscend":false},"topics":["allow subscribe news/#","DENY a/${deviceKey}"],
                "tags":{"site":"Nord","line":"1"}}\
                """;

        Answer created = api.operator().post(PRODUCTS, everything);

        assertThat(created.status()).isEqualTo(201);
        var shown = api.operator().get(PRODUCTS + "/pump").json();
        assertThat(shown.path("type").asText()).isEqualTo("GATEWAY");
        assertThat(shown.path("selfRegistration").asBoolean()).isTrue();
        assertThat(shown.path("gatewayRegistration").asBoolean()).isTrue();
        assertThat(shown.path("certificateRequired").asBoolean()).isTrue();
        assertThat(shown.path("idleLimitSeconds").asInt()).isEqualTo(90);
        assertThat(shown.path("signIn"))
                .hasToString(
                        "{\"allowWeakDigests\":true,\"maxClockSkewSeconds\":0,\"timestampsAscend\":false}");
        assertThat(shown.path("topics"))
                .hasToString("[\"allow subscribe news/#\",\"deny any a/${deviceKey}\"]");
        assertThat(shown.path("tags")).hasToString("{\"line\":\"1\",\"site\":\"Nord\"}");
        assertThat(shown.path("revision").asInt()).isEqualTo(1);
    }

    @Test
    void aChangeIsAMergePatch() {
        api.operator()
                .post(
                        PRODUCTS,
                        """
                        {"productKey":"pump","idleLimitSeconds":90,"topics":["allow a"],
                        "signIn":{"allowWeakDigests":true,"timestampsAscend":true},
                        "tags":{"site":"Nord","line":"1"}}\
                        """);

        var changed =
                api.operator()
                        .patch(
                                PRODUCTS + "/pump",
                                """
                                {"idleLimitSeconds":null,"topics":null,
                                "signIn":{"allowWeakDigests":null,"maxClockSkewSeconds":30},
                                "tags":{"line":null,"hall":"3"}}\
                                """)
                        .json();

        assertThat(changed.path("idleLimitSeconds").isNull()).isTrue();
        assertThat(changed.path("topics")).isEmpty();
        assertThat(changed.path("signIn"))
                .hasToString(
                        "{\"allowWeakDigests\":null,\"maxClockSkewSeconds\":30,\"timestampsAscend\":true}");
        assertThat(changed.path("tags")).hasToString("{\"hall\":\"3\",\"site\":\"Nord\"}");
        assertThat(changed.path("revision").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"gateway\"};'type' must be DEVICE or GATEWAY",
                "{\"idleLimitSeconds\":-1};'idleLimitSeconds' must be a whole number from 0 to"
                        + " 2592000",
                "{\"idleLimitSeconds\":1.5};'idleLimitSeconds' must be a whole number",
                "{\"signIn\":{\"skew\":1}};unknown field 'signIn.skew'; allowed are",
                "{\"signIn\":{\"maxClockSkewSeconds\":86401}};from 0 to 86400",
                "{\"topics\":\"allow a\"};'topics' must be an array",
                "{\"topics\":[\"permit a\"]};topic rule 'permit a' is not",
                "{\"topics\":[\"allow publish /sys/pump/other/#\"]};cannot be allowed for"
                        + " publishing",
                "{\"topics\":[\"allow any $SYS/#\"]};cannot be allowed for publishing",
                "{\"topics\":[\"allow ${secret}/a\"]};placeholder that is not",
                "{\"tags\":{\"a b\":\"1\"}};tag name 'a b'",
                "{\"tags\":[]};'tags' must be an object",
                "{\"tags\":{\"a\":\"\\ud800\"}};'tags' holds half of a surrogate pair",
                "{\"name\":null};'name' must be a text, but is of type null"
            })
    void saysWhatIsWrongWithADecision(String fields, String problem) {
        api.operator().post(PRODUCTS, "{\"productKey\":\"pump\"}");

        ApiFixture.assertProblem(
                api.operator().patch(PRODUCTS + "/pump", fields), 400, problem.strip());
        assertThat(api.operator().get(PRODUCTS + "/pump").json().path("revision").asInt())
                .isEqualTo(1);
    }

    @Test
    void listsTheProductsWithATag() {
        api.operator().post(PRODUCTS, "{\"productKey\":\"p1\",\"tags\":{\"site\":\"Nord\"}}");
        api.operator().post(PRODUCTS, "{\"productKey\":\"p2\",\"tags\":{\"site\":\"Sud\"}}");

        assertThat(api.operator().get(PRODUCTS + "?tag=site=Nord").json().path("items"))
                .hasSize(1)
                .allMatch(product -> product.path("productKey").asText().equals("p1"));
        ApiFixture.assertProblem(
                api.operator().get(PRODUCTS + "?tag=site"), 400, "must be name=value");
    }
}
