package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceResourceTest {

    private static final String DEVICES = "/api/v1/products/pump/devices";
    private static final DeviceId D1 = new DeviceId("pump", "d1");

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

    private JsonNode createD1() {
        return api.operator().post(DEVICES, "{\"deviceKey\":\"d1\"}").json();
    }

    @Test
    void createsADeviceAsAsked() {
        Answer answer = api.operator().post(DEVICES, "{\"deviceKey\":\"d1\"}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo(DEVICES + "/d1");
        assertThat(answer.json().fieldNames())
                .toIterable()
                .containsExactly("productKey", "deviceKey", "deviceSecret", "state", "createdAt");
        assertThat(answer.json().path("productKey").asText()).isEqualTo("pump");
        assertThat(answer.json().path("deviceKey").asText()).isEqualTo("d1");
        assertThat(answer.json().path("deviceSecret").asText()).hasSize(20);
        assertThat(answer.json().path("state").asText()).isEqualTo("INACTIVE");
    }

    @Test
    void createsADeviceWithTheSecretThatWasBurnedIntoIt() {
        Answer answer =
                api.operator()
                        .post(
                                DEVICES,
                                "{\"deviceKey\":\"d1\",\"deviceSecret\":\"s3cret-of~d1\","
                                        + "\"name\":\"Pump\",\"tags\":{\"hall\":\"3\"}}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("deviceSecret").asText()).isEqualTo("s3cret-of~d1");
        assertThat(answer.json().path("tags").toString()).isEqualTo("{\"hall\":\"3\"}");
        assertThat(api.operator().get(DEVICES + "/d1/secret").json().path("deviceSecret").asText())
                .isEqualTo("s3cret-of~d1");
        JsonNode found = api.operator().get(DEVICES + "/d1").json();
        assertThat(found.path("name").asText()).isEqualTo("Pump");
        assertThat(found.path("tags").path("hall").asText()).isEqualTo("3");
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(api.auditDetail("device.create"))
                                        .isEqualTo("with a chosen secret"));
        assertThat(api.operator().get("/api/v1/audit").text()).doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"deviceSecret\":\"1234567\"   | 8 to 64 characters, and this one has 7",
                "\"deviceSecret\":\"12345678ä\" | printable characters of ASCII only",
                "\"deviceSecret\":5             | 'deviceSecret' must be a text",
                "\"tags\":{\"\":\"c\"}          | is not named by 1 to 128 characters",
                "\"tags\":{\"a\":5}             | the tag 'a' is not a text",
                "\"tags\":[]                    | 'tags' must be an object",
            })
    void refusesASecretAndTagsThatCannotBe(String fields, String problem) {
        ApiFixture.assertProblem(
                api.operator().post(DEVICES, "{\"deviceKey\":\"d1\"," + fields + "}"),
                400,
                problem);
        assertThat(api.operator().get(DEVICES + "/d1").status()).isEqualTo(404);
    }

    @Test
    void choosesAKeyForADeviceWithoutOne() {
        Answer answer = api.operator().post(DEVICES);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("deviceKey").asText()).isNotEmpty();
    }

    @Test
    void refusesAKeyThatIsTakenInThisProduct() {
        createD1();
        api.operator().post("/api/v1/products", "{\"productKey\":\"valve\"}");

        ApiFixture.assertProblem(api.operator().post(DEVICES, "{\"deviceKey\":\"d1\"}"), 409, "d1");
        assertThat(
                        api.operator()
                                .post("/api/v1/products/valve/devices", "{\"deviceKey\":\"d1\"}")
                                .status())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "+", "#", "", "ü"})
    void refusesAKeyThatIsNotOne(String key) {
        ApiFixture.assertProblem(
                api.operator().post(DEVICES, "{\"deviceKey\":\"" + key + "\"}"),
                400,
                "deviceKey '" + key + "' is not 1 to 64 letters");
    }

    @ParameterizedTest
    @CsvSource({"POST, nothing/devices", "GET, nothing/devices"})
    void answers404ForAProductThatIsNotThere(String method, String path) {
        ApiFixture.assertProblem(
                api.operator().call(method, "/api/v1/products/" + path), 404, "nothing");
    }

    @ParameterizedTest
    @CsvSource({"GET,''", "GET,/secret", "POST,/disable", "POST,/enable"})
    void answers404ForADeviceThatIsNotThere(String method, String action) {
        ApiFixture.assertProblem(
                api.operator().call(method, DEVICES + "/nobody" + action), 404, "pump/nobody");
    }

    @Test
    void answers400ForAPathThatCannotNameADevice() {
        ApiFixture.assertProblem(
                api.operator().get(DEVICES + "/a%20b"), 400, "deviceKey 'a b' is not");
    }

    @Test
    void showsADeviceThatWasAskedForInVainBefore() {
        api.operator().get(DEVICES + "/d1");
        createD1();

        assertThat(api.operator().get(DEVICES + "/d1").status()).isEqualTo(200);
    }

    @Test
    void showsTheSecretOnRequestOnly() {
        String secret = createD1().path("deviceSecret").asText();

        assertThat(api.operator().get(DEVICES + "/d1").text()).doesNotContain(secret);
        assertThat(api.operator().get(DEVICES).text()).doesNotContain(secret);
        assertThat(api.operator().get(DEVICES + "/d1/secret").json().path("deviceSecret").asText())
                .isEqualTo(secret);
    }

    @Test
    void showsTheLiveState() {
        createD1();
        JsonNode inactive = api.operator().get(DEVICES + "/d1").json();
        api.signIn(D1).toCompletableFuture().join();
        JsonNode online = api.operator().get(DEVICES + "/d1").json();
        api.directory().connectionLost(D1).toCompletableFuture().join();
        JsonNode offline = api.operator().get(DEVICES + "/d1").json();

        assertThat(inactive.path("state").asText()).isEqualTo("INACTIVE");
        assertThat(inactive.has("activatedAt")).isFalse();
        assertThat(online.path("state").asText()).isEqualTo("ONLINE");
        assertThat(online.path("stateVersion").asLong())
                .isGreaterThan(inactive.path("stateVersion").asLong());
        assertThat(online.path("lastOnlineAt").asText())
                .isEqualTo(online.path("stateSince").asText())
                .isEqualTo(online.path("activatedAt").asText());
        assertThat(offline.path("state").asText()).isEqualTo("OFFLINE");
        assertThat(offline.path("lastOfflineAt")).isEqualTo(offline.path("stateSince"));
    }

    @Test
    void tellsThatSeveralDevicesHaveItsIdentity() {
        createD1();
        assertThat(api.operator().get(DEVICES + "/d1").json().path("contested"))
                .isEqualTo(BooleanNode.FALSE);

        api.clients().contest("pump/d1");

        assertThat(api.operator().get(DEVICES + "/d1").json().path("contested"))
                .isEqualTo(BooleanNode.TRUE);
    }

    @Test
    void endsTheConnectionAlsoWhenTheBarCannotBeWritten() {
        createD1();
        api.signIn(D1).toCompletableFuture().join();
        api.clients().connect("pump/d1");
        api.database().close();

        Answer answer = api.operator().post(DEVICES + "/d1/disable");

        ApiFixture.assertProblem(
                answer, 503, "is disabled and disconnected, but that could not be written yet");
        assertThat(api.clients().isConnected("pump/d1")).isFalse();
        assertThat(api.signIn(D1).toCompletableFuture().join().status())
                .isEqualTo(DeviceStatus.DISABLED);
    }

    @Test
    void disablesADeviceAndEndsItsConnection() {
        createD1();
        api.signIn(D1).toCompletableFuture().join();
        api.clients().connect("pump/d1");
        api.clients().connect("pump/d10");

        Answer answer = api.operator().post(DEVICES + "/d1/disable");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("DISABLED");
        assertThat(api.clients().isConnected("pump/d1")).isFalse();
        assertThat(api.clients().isConnected("pump/d10")).isTrue();
        assertThat(api.operator().get(DEVICES + "/d1").json().path("state").asText())
                .isEqualTo("DISABLED");
    }

    @Test
    void enablesADeviceToTheStateBefore() {
        createD1();
        api.operator().post(DEVICES + "/d1/disable");
        Answer neverActive = api.operator().post(DEVICES + "/d1/enable");
        api.signIn(D1).toCompletableFuture().join();
        api.operator().post(DEVICES + "/d1/disable");
        Answer wasActive = api.operator().post(DEVICES + "/d1/enable");

        assertThat(neverActive.json().path("state").asText()).isEqualTo("INACTIVE");
        assertThat(wasActive.json().path("state").asText()).isEqualTo("OFFLINE");
    }

    @Test
    void disablingTwiceAndEnablingTwiceChangeNothingMore() {
        createD1();

        JsonNode once = api.operator().post(DEVICES + "/d1/disable").json();
        JsonNode twice = api.operator().post(DEVICES + "/d1/disable").json();
        assertThat(twice).isEqualTo(once);

        JsonNode enabled = api.operator().post(DEVICES + "/d1/enable").json();
        assertThat(api.operator().post(DEVICES + "/d1/enable").json()).isEqualTo(enabled);
    }

    @Test
    void disablingTakesNoFields() {
        createD1();

        ApiFixture.assertProblem(
                api.operator().post(DEVICES + "/d1/disable", "{\"reason\":\"lost\"}"),
                400,
                "unknown field 'reason'");
    }

    @Test
    void listsTheDevicesOfOneProductInPages() {
        api.operator().post("/api/v1/products", "{\"productKey\":\"valve\"}");
        api.operator().post("/api/v1/products/valve/devices", "{\"deviceKey\":\"other\"}");
        for (String key : new String[] {"c", "a", "b"}) {
            api.operator().post(DEVICES, "{\"deviceKey\":\"" + key + "\"}");
        }

        Answer first = api.operator().get(DEVICES + "?limit=2");
        Answer second = api.operator().get(DEVICES + "?limit=2&after=b");

        assertThat(first.json().path("items").findValuesAsText("deviceKey"))
                .containsExactly("a", "b");
        assertThat(first.json().path("next").asText()).isEqualTo("b");
        assertThat(second.json().path("items").findValuesAsText("deviceKey")).containsExactly("c");
    }

    @Test
    void deletesADeviceWithItsSessionAndThatByWhichItFetchesItsSecret() {
        createD1();
        api.clients().connect("pump/d1");

        Answer answer = api.operator().delete(DEVICES + "/d1");

        assertThat(answer.status()).isEqualTo(204);
        assertThat(api.clients().isConnected("pump/d1")).isFalse();
        assertThat(api.clients().forgotten()).containsExactly("pump/d1", "activation:pump/d1");
        ApiFixture.assertProblem(api.operator().get(DEVICES + "/d1"), 404, "pump/d1");
        assertThat(api.operator().get(DEVICES).json().path("items")).isEmpty();
    }

    /** He comes when the name is free, and the request is not answered yet. */
    @Test
    void aNewcomerOfThatNameKeepsHisSessionThoughTheEndOfTheOldOneIsAwaited() {
        createD1();
        CompletableFuture<Boolean> ending = new CompletableFuture<>();
        api.clients().endLater("pump/d1", ending);
        CompletableFuture<Answer> deletion =
                CompletableFuture.supplyAsync(() -> api.operator().delete(DEVICES + "/d1"));
        Awaitility.await().until(() -> !api.clients().forgotten().isEmpty());

        createD1();
        api.clients().connect("pump/d1");
        assertThat(deletion).isNotDone();
        ending.complete(true);

        assertThat(deletion.join().status()).isEqualTo(204);
        assertThat(api.clients().isConnected("pump/d1")).isTrue();
        assertThat(api.clients().forgotten()).containsExactly("pump/d1", "activation:pump/d1");
    }

    @Test
    void aSessionThatCouldNotBeEndedIsToldAndIsEndedByWhoDeletesTheDeviceOnceMore() {
        createD1();
        api.clients()
                .endLater(
                        "pump/d1",
                        CompletableFuture.failedFuture(
                                new IllegalStateException("the broker is closed")));

        ApiFixture.assertProblem(
                api.operator().delete(DEVICES + "/d1"),
                503,
                "could not be ended; delete that device once more");

        ApiFixture.assertProblem(api.operator().delete(DEVICES + "/d1"), 404, "pump/d1");
        assertThat(api.clients().forgotten()).filteredOn("pump/d1"::equals).hasSize(2);
    }

    @Test
    void whoEndsItOnceMoreByARevisionThatNoneHasDeletesNoOtherOfThatName() {
        String none = "\"999999999\"";
        createD1();
        assertThat(api.operator().deleteIf(none, DEVICES + "/d1").status()).isEqualTo(412);
        assertThat(api.clients().forgotten()).isEmpty();

        assertThat(api.operator().delete(DEVICES + "/d1").status()).isEqualTo(204);
        ApiFixture.assertProblem(api.operator().deleteIf(none, DEVICES + "/d1"), 404, "pump/d1");
        assertThat(api.clients().forgotten()).filteredOn("pump/d1"::equals).hasSize(2);
    }

    @Test
    void endsTheSessionAlsoIfTheDeviceIsGoneAlready() {
        ApiFixture.assertProblem(api.operator().delete(DEVICES + "/d1"), 404, "pump/d1");
        assertThat(api.clients().forgotten()).containsExactly("pump/d1", "activation:pump/d1");
        ApiFixture.assertProblem(api.operator().delete(DEVICES + "/a+b"), 400, "deviceKey 'a+b'");
    }
}
