package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.details.LastClient;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices that are looked for over HTTP, and changed in the revision that was seen. */
class DeviceSearchTest {

    private static final String DEVICES = "/api/v1/products/pump/devices";
    private static final String D1 = DEVICES + "/d1";
    private static final DeviceId ID = new DeviceId("pump", "d1");

    private ApiFixture api;

    @BeforeEach
    void startWithDevicesOfTwoProducts(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        for (String product : List.of("pump", "valve")) {
            api.operator().post("/api/v1/products", "{\"productKey\":\"" + product + "\"}");
            api.operator()
                    .post(
                            "/api/v1/products/" + product + "/import",
                            "application/x-ndjson",
                            """
                            {"deviceKey":"d1","name":"North","tags":{"hall":"1","line":"a"}}
                            {"deviceKey":"d2","name":"South","tags":{"hall":"2","line":"a"}}
                            {"deviceKey":"e1","tags":{"hall":"1"}}
                            """);
        }
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private List<String> found(String path) {
        Answer answer = api.operator().get(path);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().path("items").findValuesAsText("deviceKey");
    }

    @ParameterizedTest
    @CsvSource({
        "'', d1 d2 e1",
        "?keyPrefix=d, d1 d2",
        "?namePrefix=Sou, d2",
        "?namePrefix=s, ''",
        "?tag=hall=1, d1 e1",
        "?tag=hall=1&tag=line=a, d1",
        "?tag=line=a&keyPrefix=d2, d2",
        "?status=INACTIVE&tag=hall=1, d1 e1",
        "?status=ONLINE, ''",
        "?after=d1&limit=1, d2",
    })
    void findsDevicesOfAProductByAllThatIsAskedFor(String query, String keys) {
        assertThat(String.join(" ", found(DEVICES + query))).isEqualTo(keys);
    }

    @Test
    void findsDevicesOfAllProductsByPages() {
        Answer first = api.operator().get("/api/v1/devices?tag=hall=1&limit=3");

        assertThat(first.json().path("items").findValuesAsText("productKey"))
                .containsExactly("pump", "pump", "valve");
        assertThat(first.json().path("next").asText()).isEqualTo("valve/d1");
        JsonNode second =
                api.operator().get("/api/v1/devices?tag=hall=1&limit=3&after=valve/d1").json();
        assertThat(second.path("items").findValuesAsText("deviceKey")).containsExactly("e1");
        assertThat(second.has("next")).isFalse();
    }

    @Test
    void showsTagsInListsOnRequest() {
        assertThat(api.operator().get(DEVICES).text()).doesNotContain("hall");
        assertThat(api.operator().get(DEVICES + "?tags=true&keyPrefix=d2").json().path("items"))
                .singleElement()
                .satisfies(
                        device ->
                                assertThat(device.path("tags").toString())
                                        .isEqualTo("{\"hall\":\"2\",\"line\":\"a\"}"));
    }

    @Test
    void showsAttributesInListsOnRequest() {
        api.operator().patch(DEVICES + "/d2/attributes", "{\"size\":{\"w\":1.10}}");

        assertThat(api.operator().get(DEVICES).text()).doesNotContain("attributes");
        assertThat(
                        api.operator()
                                .get(DEVICES + "?attributes=true&tags=true&keyPrefix=d2")
                                .json()
                                .path("items"))
                .singleElement()
                .satisfies(
                        device -> {
                            assertThat(device.path("tags").path("hall").asText()).isEqualTo("2");
                            assertThat(device.path("attributes").path("size").path("w").asDouble())
                                    .isEqualTo(1.1);
                        });
    }

    @Test
    void aPageEndsBeforeItsTagsAreTooLong() {
        String value = "x".repeat(4000);
        StringBuilder tags = new StringBuilder("{");
        for (int i = 0; i < 15; i++) {
            tags.append(i == 0 ? "" : ",").append("\"t%d\":\"%s\"".formatted(i, value));
        }
        tags.append('}');
        for (int i = 0; i < 45; i++) {
            String key = "long%02d".formatted(i);
            api.operator().post(DEVICES, "{\"deviceKey\":\"" + key + "\"}");
            assertThat(
                            api.operator()
                                    .patch(DEVICES + "/" + key + "/tags", tags.toString())
                                    .status())
                    .isEqualTo(200);
        }

        JsonNode page = api.operator().get(DEVICES + "?tags=true&keyPrefix=long").json();

        assertThat(page.path("items")).hasSize(17);
        assertThat(page.path("next").asText()).isEqualTo("long16");
        assertThat(found(DEVICES + "?tags=true&keyPrefix=long&after=long39")).hasSize(5);
    }

    @Test
    void leavesOutWhatHasLeftTheStateByNow() {
        api.signIn(ID).toCompletableFuture().join();
        Awaitility.await().until(() -> found(DEVICES + "?status=ONLINE").equals(List.of("d1")));

        api.directory().connectionLost(ID).toCompletableFuture().join();

        assertThat(found(DEVICES + "?status=ONLINE")).isEmpty();
        Awaitility.await().until(() -> found(DEVICES + "?status=OFFLINE").equals(List.of("d1")));
    }

    @ParameterizedTest
    @CsvSource({
        "status=online, the query parameter 'status' is 'online'",
        "tag=hall, the query parameter 'tag' is 'hall'",
        "keyPrefix=a/b, keyPrefix 'a/b' is not",
        "namePrefix=+, name is not 1 to 100",
        "tags=1, the query parameter 'tags' is '1'",
        "nam=x, unknown query parameter 'nam'",
        "status=ONLINE&status=ONLINE, is there twice",
        "after=%00, after has control characters",
    })
    void refusesWhatCannotBeAskedFor(String query, String problem) {
        ApiFixture.assertProblem(api.operator().get(DEVICES + "?" + query), 400, problem);
    }

    @Test
    void showsByWhichClientADeviceSignedInAtOnceAndWhenItIsWritten() {
        LastClient client =
                new LastClient(
                        Optional.of("2001:db8::7"),
                        5,
                        60,
                        Optional.of("enos-mqtt-2.4.0"),
                        Optional.of("10.0.0.5"));
        api.signIn(ID, Optional.of(client)).toCompletableFuture().join();

        for (int i = 0; i < 2; i++) {
            JsonNode shown = api.operator().get(D1).json();
            assertThat(shown.path("lastAddress").asText()).isEqualTo("2001:db8::7");
            assertThat(shown.path("client").toString())
                    .isEqualTo(
                            "{\"protocolLevel\":5,\"keepAliveSeconds\":60,"
                                    + "\"software\":\"enos-mqtt-2.4.0\","
                                    + "\"ownAddress\":\"10.0.0.5\"}");
            Awaitility.await()
                    .until(
                            () ->
                                    api.managedHub()
                                            .devices()
                                            .records()
                                            .find(ID)
                                            .orElseThrow()
                                            .lastClient()
                                            .equals(Optional.of(client)));
        }
    }

    @Test
    void changesTheNameAndTakesItAway() {
        Answer renamed = api.operator().patch(D1, "{\"name\":\"East\"}");

        assertThat(renamed.status()).isEqualTo(200);
        assertThat(renamed.header("ETag")).isEqualTo("\"2\"");
        assertThat(renamed.json().path("name").asText()).isEqualTo("East");
        assertThat(renamed.json().path("revision").asLong()).isEqualTo(2);
        assertThat(found(DEVICES + "?namePrefix=East")).containsExactly("d1");
        assertThat(api.operator().patch(D1, "{\"name\":null}").json().has("name")).isFalse();
        ApiFixture.assertProblem(api.operator().patch(D1, "{}"), 400, "'name' is missing");
        ApiFixture.assertProblem(
                api.operator().patch(D1, "{\"name\":\" \"}"), 400, "name is not 1 to 100");
        ApiFixture.assertProblem(
                api.operator().patch(DEVICES + "/no", "{\"name\":\"x\"}"), 404, "pump/no");
    }

    @Test
    void aDeviceMayHaveANameFromTheBeginning() {
        Answer created = api.operator().post(DEVICES, "{\"deviceKey\":\"n\",\"name\":\"New\"}");

        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        assertThat(created.json().path("name").asText()).isEqualTo("New");
        assertThat(api.operator().get(DEVICES + "/n").json().path("name").asText())
                .isEqualTo("New");
    }

    @Test
    void changesOnlyTheRevisionThatWasSeen() {
        String seen = api.operator().get(D1).header("ETag");
        assertThat(seen).isEqualTo("\"1\"");
        assertThat(api.operator().patchIf(seen, D1, "{\"name\":\"A\"}").status()).isEqualTo(200);

        for (Answer late :
                List.of(
                        api.operator().patchIf(seen, D1, "{\"name\":\"B\"}"),
                        api.operator().patchIf(seen, D1 + "/tags", "{\"hall\":\"9\"}"),
                        api.operator().patchIf(seen, D1 + "/attributes", "{\"a\":1}"),
                        api.operator().deleteIf(seen, D1))) {
            assertThat(late.status()).isEqualTo(412);
            assertThat(late.header("ETag")).isEqualTo("\"2\"");
            assertThat(late.json().path("revision").asLong()).isEqualTo(2);
            assertThat(late.json().path("detail").asText()).contains("pump/d1", "revision 2");
        }

        JsonNode device = api.operator().get(D1).json();
        assertThat(device.path("name").asText()).isEqualTo("A");
        assertThat(device.path("tags").path("hall").asText()).isEqualTo("1");
        assertThat(api.operator().get(D1 + "/attributes").json()).isEmpty();
        assertThat(api.clients().forgotten()).isEmpty();
        assertThat(api.operator().deleteIf("\"2\"", D1).status()).isEqualTo(204);
        ApiFixture.assertProblem(api.operator().deleteIf("\"2\"", D1), 404, "pump/d1");
    }

    @Test
    void everyChangeThatSomebodyMakesIsARevisionAndNoStateIs() {
        assertThat(api.operator().patch(D1 + "/tags", "{\"x\":\"1\"}").header("ETag"))
                .isEqualTo("\"2\"");
        api.operator().post(D1 + "/secret", "{}");
        assertThat(api.operator().get(D1 + "/tags").header("ETag")).isEqualTo("\"3\"");
        assertThat(api.operator().post(D1 + "/disable").header("ETag")).isEqualTo("\"4\"");
        assertThat(api.operator().post(D1 + "/disable").header("ETag")).isEqualTo("\"4\"");
        assertThat(api.operator().post(D1 + "/enable").header("ETag")).isEqualTo("\"5\"");
        assertThat(api.operator().patch(D1 + "/attributes", "{\"x\":1}").header("ETag"))
                .isEqualTo("\"6\"");

        api.signIn(ID)
                .thenCompose(device -> api.directory().flush(device))
                .toCompletableFuture()
                .join();

        assertThat(api.operator().get(D1).header("ETag")).isEqualTo("\"6\"");
    }

    @ParameterizedTest
    @CsvSource({"*, 200", "'\"1\"', 200", "1, 400", "W/\"1\", 400", "'\"1\", \"2\"', 400"})
    void readsOneEntityTagOrAStar(String tag, int status) {
        assertThat(api.operator().patchIf(tag, D1, "{\"name\":\"A\"}").status()).isEqualTo(status);
    }
}
