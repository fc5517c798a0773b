package io.muster.hub.api;

import static io.muster.hub.api.EnosCaller.DEVICES;
import static io.muster.hub.api.EnosCaller.LATER_DEVICES;
import static io.muster.hub.api.EnosCaller.PRODUCTS;
import static io.muster.hub.api.EnosCaller.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.devices.details.AssetId;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.HttpCaller;
import io.muster.hub.api.EnosCaller.Signed;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The management calls of EnOS, signed as a tool made for it signs them. */
class EnosCallsTest {

    private static final DeviceId D1 = new DeviceId("pump", "d1");

    private final long time = System.currentTimeMillis();
    private ApiFixture api;
    private EnosCaller caller;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.operator().post("/api/v1/products", "{\"productKey\":\"pump\",\"name\":\"Pumps\"}");
        use(Role.ADMIN);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    /** From now on as a key with this role. */
    private void use(Role role) {
        ApiKey key = api.operators().keys().create(role.word(), role, Expiry.NEVER);
        caller = EnosCaller.of(api.operator(), key);
    }

    private JsonNode post(String path, String query, String body) {
        return caller.post(path, query, body);
    }

    private JsonNode get(String path, String query) {
        return caller.get(path, query);
    }

    private JsonNode askForToken(String id, String secret, long timestamp) {
        return EnosCaller.askForToken(api.operator(), id, secret, timestamp);
    }

    private void createDevice() {
        assertThat(
                        code(
                                post(
                                        DEVICES,
                                        "action=create&orgId=o1",
                                        "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}")))
                .isZero();
    }

    @Test
    void aTokenIsGivenForTwoHoursAndTheSameIsGivenAgain() {
        JsonNode again = askForToken(caller.keyId(), caller.secret(), time);

        assertThat(again.path("status").asInt(-1)).isZero();
        assertThat(again.path("data").path("accessToken").asText())
                .isEqualTo(caller.token())
                .isNotEmpty();
        assertThat(again.path("data").path("expire").asInt()).isBetween(7_000, 7_200);
    }

    @Test
    void noTokenIsGivenWithoutTheSecretOrWithAnotherTime() {
        String secret = caller.secret();
        JsonNode wrong = askForToken(caller.keyId(), "wrong", time);
        JsonNode unknown = askForToken("unknown", secret, time);

        assertThat(wrong.path("status").asInt()).isEqualTo(401);
        assertThat(wrong.path("data").isNull()).isTrue();
        assertThat(unknown).isEqualTo(wrong);
        assertThat(askForToken(caller.keyId(), secret, time - 301_000).path("msg").asText())
                .contains("within 5 minutes");
        assertThat(askForToken(caller.keyId(), secret, time + 600_000).path("status").asInt())
                .isEqualTo(401);
        api.operators().keys().delete(caller.keyId(), OptionalLong.empty());
        assertThat(askForToken(caller.keyId(), secret, time).path("status").asInt()).isEqualTo(401);
    }

    @Test
    void aDeviceIsCreatedShownDisabledAndEnabled() {
        JsonNode created =
                post(
                        DEVICES,
                        "action=create&orgId=o1",
                        """
                        {"productKey":"pump","deviceKey":"d1","timezone":"+08:00",
                         "deviceName":{"defaultValue":"Pump 1","i18nValue":{}},
                         "deviceTags":{"hall":"3"},"deviceAttributes":{"size":4}}""");
        JsonNode shown = get(DEVICES, "action=get&orgId=o1&productKey=pump&deviceKey=d1");

        assertThat(code(created)).isZero();
        assertThat(created.path("msg").asText()).isEqualTo("OK");
        assertThat(created.path("requestId").asText()).hasSize(36);
        assertThat(created.path("data").path("assetId").asText()).isEqualTo(AssetId.of(D1).text());
        assertThat(shown.path("data").path("deviceSecret").asText())
                .isEqualTo(created.path("data").path("deviceSecret").asText())
                .isNotEmpty();
        assertThat(shown.path("data").path("status").asText()).isEqualTo("inactive");
        assertThat(shown.path("data").path("deviceName").path("defaultValue").asText())
                .isEqualTo("Pump 1");
        assertThat(shown.path("data").path("deviceAttributes").path("size").asInt()).isEqualTo(4);
        assertThat(shown.path("data").path("deviceTags").path("hall").asText()).isEqualTo("3");
        assertThat(api.operator().get("/api/v1/products/pump/devices/d1").json().path("name"))
                .hasToString("\"Pump 1\"");
        assertThat(shown.path("data").path("deviceTags")).hasSize(1);
        String d1 = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";
        api.clients().connect("pump/d1");
        assertThat(code(post(DEVICES, "action=disable&orgId=o1", d1))).isZero();
        assertThat(api.clients().isConnected("pump/d1")).isFalse();
        assertThat(api.operator().get("/api/v1/products/pump/devices/d1").text())
                .contains("DISABLED");
        assertThat(code(post(DEVICES, "action=disable&orgId=o1", d1))).isEqualTo(11723);
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", d1))).isZero();
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", d1))).isEqualTo(11721);
    }

    @Test
    void aDeviceIsNamedByItsAssetIdAlone() {
        createDevice();
        api.operator().post("/api/v1/products/pump/devices", "{\"deviceKey\":\"d2\"}");
        String d2 = AssetId.of(new DeviceId("pump", "d2")).text();
        String inBody = "{\"assetId\":\"%s\"}".formatted(AssetId.of(D1).text());

        JsonNode shown = get(DEVICES, "action=get&assetId=" + d2 + "&orgId=o1").path("data");
        assertThat(shown.path("deviceKey").asText()).isEqualTo("d2");
        assertThat(shown.path("assetId").asText()).isEqualTo(d2);
        assertThat(code(post(DEVICES, "action=disable&orgId=o1", inBody))).isZero();
        assertThat(lastActs(1)).containsExactly("device.disable device:pump/d1 done ");
        assertThat(code(post(DEVICES, "action=disable&assetId=" + d2 + "&orgId=o1", ""))).isZero();
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", inBody))).isZero();
        assertThat(
                        code(
                                post(
                                        LATER_DEVICES,
                                        "action=modifyDeviceStatus&orgId=o1",
                                        inBody.replace("}", ",\"status\":\"inactive\"}"))))
                .isZero();
        api.operator().delete("/api/v1/products/pump/devices/d1");
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", inBody))).isEqualTo(11404);
        assertThat(lastActs(1).get(0)).startsWith("device.enable device:" + AssetId.of(D1).text());
    }

    @Test
    void aProductIsCreatedChangedAndShown() {
        JsonNode created =
                post(
                        PRODUCTS,
                        "action=create&orgId=o1",
                        """
                        {"productName":{"defaultValue":"Fans"},"productType":"Device",
                         "dataFormat":"Json","biDirectionalAuth":false,"modelId":"m1"}""");
        String productKey = created.path("data").asText();
        JsonNode updated =
                post(
                        PRODUCTS,
                        "action=update&orgId=o1",
                        "{\"productKey\":\"%s\",\"dynamicActivateEnabled\":true}"
                                .formatted(productKey));
        JsonNode shown = get(PRODUCTS, "action=get&orgId=o1&productKey=" + productKey);

        assertThat(code(created)).isZero();
        assertThat(code(updated)).isZero();
        assertThat(shown.path("data").path("productName").path("defaultValue").asText())
                .isEqualTo("Fans");
        assertThat(shown.path("data").path("dynamicActivateEnabled").asBoolean()).isTrue();
        assertThat(shown.toString()).doesNotContain("ecret");
    }

    @Test
    void ofADeviceThatCannotBeAllThatIsWantedNothingIsCreated() {
        JsonNode refused =
                post(
                        DEVICES,
                        "action=create&orgId=o1",
                        """
                        {"productKey":"pump","deviceKey":"d1","deviceTags":{"":"no name"}}""");

        assertThat(code(refused)).isEqualTo(99400);
        assertThat(refused.path("msg").asText()).contains("is not named by 1 to 128");
        assertThat(api.operator().get("/api/v1/products/pump/devices/d1").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"productKey\":\"pump\"}                          | 11702 | existed",
                "{\"productKey\":\"new\",\"biDirectionalAuth\":true,\"defaultValidDay\":0} | 99400 | defaultValidDay must be a whole number from 1 to 3650",
                "{\"productKey\":\"new\",\"maxValidDay\":300,\"defaultValidDay\":301} | 99400 | 301 is more than",
                "{\"productKey\":\"new\",\"productName\":{\"defaultValue\":\"\\ud800\"}} | 99400 | name holds half of a surrogate pair",
                "{\"productKey\":\"new\",\"biDirectionalAuth\":\"yes\"} | 99400 | true or false",
            })
    void whatAProductCannotBeIsSaid(String body, int expected, String told) {
        JsonNode answer = post(PRODUCTS, "action=create&orgId=o1", body);

        assertThat(code(answer)).isEqualTo(expected);
        assertThat(answer.path("msg").asText()).contains(told);
        assertThat(api.operator().get("/api/v1/products/new").status()).isEqualTo(404);
    }

    @Test
    void biDirectionalAuthIsWhetherACertificateIsRequired() {
        String created = "{\"productKey\":\"fan\",\"biDirectionalAuth\":true}";
        assertThat(code(post(PRODUCTS, "action=create&orgId=o1", created))).isZero();
        assertThat(isCertificateRequired("fan")).isTrue();

        update("{\"productKey\":\"pump\",\"biDirectionalAuth\":true}");
        assertThat(isCertificateRequired("pump")).isTrue();
        JsonNode shown = get(PRODUCTS, "action=get&orgId=o1&productKey=pump");
        assertThat(shown.path("data").path("biDirectionalAuth").asBoolean()).isTrue();
        update("{\"productKey\":\"pump\"}");
        assertThat(isCertificateRequired("pump")).isTrue();
        update("{\"productKey\":\"pump\",\"biDirectionalAuth\":false}");
        assertThat(isCertificateRequired("pump")).isFalse();
    }

    private void update(String body) {
        assertThat(code(post(PRODUCTS, "action=update&orgId=o1", body))).isZero();
    }

    private boolean isCertificateRequired(String productKey) {
        return api.operator()
                .get("/api/v1/products/" + productKey)
                .json()
                .path("certificateRequired")
                .asBoolean();
    }

    @Test
    void howLongCertificatesAreGoodIsKeptWithTheProduct() {
        update("{\"productKey\":\"pump\",\"defaultValidDay\":365,\"maxValidDay\":\"730\"}");
        update("{\"productKey\":\"pump\",\"biDirectionalAuth\":true}");

        JsonNode shown = get(PRODUCTS, "action=get&orgId=o1&productKey=pump").path("data");
        assertThat(shown.path("defaultValidDay").asInt()).isEqualTo(365);
        assertThat(shown.path("maxValidDay").asInt()).isEqualTo(730);
        JsonNode own = api.operator().get("/api/v1/products/pump").json().path("certificates");
        assertThat(own.path("validDays").asInt()).isEqualTo(365);
        assertThat(own.path("validDaysMax").asInt()).isEqualTo(730);
    }

    @Test
    void aCallThatIsSignedWronglyIsRefusedAndDoesNothing() {
        String body = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";
        String query = "action=create&orgId=o1";
        Signed right = caller.signed("POST", DEVICES, query, body);
        Signed old = caller.signed("POST", DEVICES, query, body, time - 400_000);
        Signed unsigned = new Signed(api.operator(), "POST", DEVICES, query, body, List.of());

        assertThat(right.withBody(body + " ").code()).isEqualTo(401);
        assertThat(right.withQuery("action=create&orgId=o2").code()).isEqualTo(401);
        assertThat(old.code()).isEqualTo(401);
        assertThat(unsigned.code()).isEqualTo(401);
        assertThat(api.operator().get("/api/v1/products/pump/devices").text())
                .isEqualTo("{\"items\":[]}");
    }

    @Test
    void rolesHoldAsElsewhere() {
        createDevice();
        use(Role.READ);
        JsonNode shown = get(DEVICES, "action=get&orgId=o1&productKey=pump&deviceKey=d1");
        String d1 = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";

        assertThat(code(shown)).isZero();
        assertThat(shown.toString()).doesNotContain("ecret");
        assertThat(code(post(DEVICES, "action=disable&orgId=o1", d1))).isEqualTo(403);
        use(Role.OPERATE);
        assertThat(code(post(DEVICES, "action=disable&orgId=o1", d1))).isZero();
        assertThat(code(post(PRODUCTS, "action=create&orgId=o1", "{}"))).isEqualTo(403);
        api.operators()
                .keys()
                .change(
                        caller.keyId(),
                        new ApiKey.Change(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(true),
                                Optional.empty()),
                        OptionalLong.empty());
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", d1))).isEqualTo(401);
    }

    @Test
    void theAuditLogSaysOfEachCallWhatItSaysOfItsTwin() {
        HttpCaller operator = api.operator();
        String d1 = "{\"productKey\":\"p1\",\"deviceKey\":\"d1\"}";
        post(PRODUCTS, "action=create&orgId=o1", "{\"productKey\":\"p1\",\"productName\":\"P\"}");
        post(
                PRODUCTS,
                "action=update&orgId=o1",
                """
                {"productKey":"p1","productName":{"defaultValue":"Pumps"},"productType":"Gateway",
                 "biDirectionalAuth":true,"dynamicActivateEnabled":true}""");
        post(PRODUCTS, "action=update&orgId=o1", "{\"productKey\":\"p1\"}");
        post(DEVICES, "action=create&orgId=o1", d1);
        post(DEVICES, "action=disable&orgId=o1", d1);
        post(DEVICES, "action=enable&orgId=o1", d1);
        List<String> calls = lastActs(6);
        String product = "/api/v1/products/p2";
        operator.post("/api/v1/products", "{\"productKey\":\"p2\",\"name\":\"P\"}");
        operator.patch(
                product,
                """
                {"name":"Pumps","type":"GATEWAY","certificateRequired":true,
                 "dynamicActivation":true}""");
        operator.patch(product, "{}");
        operator.post(product + "/devices", "{\"deviceKey\":\"d1\"}");
        operator.post(product + "/devices/d1/disable");
        operator.post(product + "/devices/d1/enable");

        assertThat(calls).isEqualTo(lastActs(6));
        assertThat(calls.get(4))
                .contains("product.change product:p")
                .contains("name: P → Pumps, type: DEVICE → GATEWAY")
                .contains("certificateRequired: false → true");
    }

    /** What is said of the latest acts, newest first; products p1 and p2 are the same. */
    private List<String> lastActs(int count) {
        // How one ended is written behind the answer.
        return await().until(
                        () -> acts(count),
                        acts -> acts.stream().noneMatch(act -> act.contains("begun")));
    }

    private List<String> acts(int count) {
        return StreamSupport.stream(
                        api.operator()
                                .get("/api/v1/audit?limit=" + count)
                                .json()
                                .path("items")
                                .spliterator(),
                        false)
                .map(
                        row ->
                                row.path("act").asText()
                                        + " "
                                        + row.path("object").asText().replaceAll("p[12]", "p")
                                        + " "
                                        + row.path("outcome").asText()
                                        + " "
                                        + row.path("detail").asText())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create  | {\"productKey\":\"pump\",\"deviceKey\":\"d1\"}          | 11702",
                "create  | {\"productKey\":\"nope\"}                               | 99400",
                "create  | {\"productKey\":\"pump\",\"deviceKey\":\"a/b\"}         | 99400",
                "create  | {\"productKey\":7}                                      | 99400",
                "create  | [                                                       | 99400",
                "create  | {\"productKey\":\"pump\",\"deviceName\":\"\\ud800\"}  | 99400",
                "create  | {\"productKey\":\"pump\",\"deviceName\":7}         | 99400",
                "create  | {\"productKey\":\"pump\",\"deviceName\":{\"defaultValue\":7}} | 99400",
                "create  | {\"productKey\":\"pump\",\"deviceTags\":{\"a\":{}}} | 99400",
                "disable | {\"productKey\":\"pump\",\"deviceKey\":\"nobody\"}      | 11404",
                "disable | {\"assetId\":\"sapy0hvb4kf8\"}                          | 11404",
                "disable | {\"assetId\":\"sapy\"}                                  | 99400",
                "disable | {\"productKey\":\"pump\"}                               | 99400",
                "get     | {\"productKey\":\"pump\",\"deviceKey\":\"d1\"}          | 99400",
                "explode | {}                                                      | 99400",
            })
    void whatGoesWrongHasTheCodeOfEnos(String action, String body, int expected) {
        createDevice();

        JsonNode answer = post(DEVICES, "action=" + action + "&orgId=o1", body);

        assertThat(code(answer)).isEqualTo(expected);
        assertThat(answer.path("msg").asText()).isNotEmpty();
        assertThat(answer.path("data").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "inactive, 0",
        "Inactive, 99400",
        "online, 99400",
        "offline, 99400",
        "disabled, 99400"
    })
    void aStateIsWhatItIsAndCannotBeWished(String status, int expected) {
        createDevice();

        JsonNode answer =
                post(
                        LATER_DEVICES,
                        "action=modifyDeviceStatus&orgId=o1",
                        "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"status\":\"%s\"}"
                                .formatted(status));

        assertThat(code(answer)).isEqualTo(expected);
    }
}
