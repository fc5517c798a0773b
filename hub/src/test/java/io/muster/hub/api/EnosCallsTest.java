package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.operators.ApiKey;
import io.muster.devices.registry.operators.ApiKey.Expiry;
import io.muster.devices.registry.operators.Role;
import io.muster.hub.protocol.AssetId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The management calls of EnOS, signed as a tool made for it signs them. */
class EnosCallsTest {

    private static final String TOKEN = "/apim-token-service/v2.0/token/get";
    private static final String DEVICES = "/connect-service/v2.1/devices";
    private static final String PRODUCTS = "/connect-service/v2.1/products";
    private static final DeviceId D1 = new DeviceId("pump", "d1");

    private final HttpClient http = HttpClient.newHttpClient();
    private ApiFixture api;
    private ApiKey key;
    private String token = "";
    private long time = System.currentTimeMillis();

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        api = ApiFixture.start(folder);
        api.operator().post("/api/v1/products", "{\"productKey\":\"pump\",\"name\":\"Pumps\"}");
        use(Role.ADMIN);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    /** From now on as a key with this role. */
    private void use(Role role) throws Exception {
        key = api.operators().keys().create(role.word(), role, Expiry.NEVER);
        token =
                askForToken(key.id(), key.secret().reveal(), time)
                        .path("data")
                        .path("accessToken")
                        .asText();
    }

    private JsonNode askForToken(String id, String secret, long timestamp) throws Exception {
        return send(
                request(TOKEN)
                        .header("Content-Type", "application/json")
                        .POST(
                                BodyPublishers.ofString(
                                        "{\"appKey\":\"%s\",\"encryption\":\"%s\",\"timestamp\":%d}"
                                                .formatted(
                                                        id,
                                                        sha256(id + timestamp + secret),
                                                        timestamp))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + api.address().getPort() + path));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        return new JsonMapper().readTree(response.body());
    }

    private static String sha256(String text) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Each call has a time of its own, as two of the same are one. */
    private JsonNode post(String path, String query, String body) throws Exception {
        return send(signed(path, query, body, ++time).POST(BodyPublishers.ofString(body)));
    }

    private JsonNode get(String path, String query) throws Exception {
        return send(signed(path, query, "", ++time).GET());
    }

    private HttpRequest.Builder signed(String path, String query, String body, long timestamp)
            throws NoSuchAlgorithmException {
        String parameters =
                Stream.of(query.split("&"))
                        .sorted()
                        .map(parameter -> parameter.replaceFirst("=", ""))
                        .collect(Collectors.joining());
        return request(path + "?" + query)
                .header("apim-accesstoken", token)
                .header("apim-timestamp", Long.toString(timestamp))
                .header(
                        "apim-signature",
                        sha256(token + parameters + body + timestamp + key.secret().reveal()));
    }

    private static int code(JsonNode answer) {
        return answer.path("code").asInt(-1);
    }

    private void createDevice() throws Exception {
        assertThat(
                        code(
                                post(
                                        DEVICES,
                                        "action=create&orgId=o1",
                                        "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}")))
                .isZero();
    }

    @Test
    void aTokenIsGivenForTwoHoursAndTheSameIsGivenAgain() throws Exception {
        JsonNode again = askForToken(key.id(), key.secret().reveal(), time);

        assertThat(again.path("status").asInt(-1)).isZero();
        assertThat(again.path("data").path("accessToken").asText()).isEqualTo(token).isNotEmpty();
        assertThat(again.path("data").path("expire").asInt()).isBetween(7_000, 7_200);
    }

    @Test
    void noTokenIsGivenWithoutTheSecretOrWithAnotherTime() throws Exception {
        String secret = key.secret().reveal();
        JsonNode wrong = askForToken(key.id(), "wrong", time);
        JsonNode unknown = askForToken("unknown", secret, time);

        assertThat(wrong.path("status").asInt()).isEqualTo(401);
        assertThat(wrong.path("data").isNull()).isTrue();
        assertThat(unknown).isEqualTo(wrong);
        assertThat(askForToken(key.id(), secret, time - 301_000).path("msg").asText())
                .contains("within 5 minutes");
        assertThat(askForToken(key.id(), secret, time + 600_000).path("status").asInt())
                .isEqualTo(401);
        api.operators().keys().delete(key.id(), OptionalLong.empty());
        assertThat(askForToken(key.id(), secret, time).path("status").asInt()).isEqualTo(401);
    }

    @Test
    void aDeviceIsCreatedShownDisabledAndEnabled() throws Exception {
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
        assertThat(created.path("data").path("assetId").asText()).isEqualTo(AssetId.of(D1));
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
    void aProductIsCreatedChangedAndShown() throws Exception {
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
    void ofADeviceThatCannotBeAllThatIsWantedNothingIsCreated() throws Exception {
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
                "{\"productKey\":\"new\",\"biDirectionalAuth\":true} | 99400 | no certificates",
                "{\"productKey\":\"new\",\"defaultValidDay\":30}   | 99400 | defaultValidDay",
                "{\"productKey\":\"new\",\"maxValidDay\":300}      | 99400 | maxValidDay",
            })
    void whatAProductCannotBeIsSaid(String body, int expected, String told) throws Exception {
        JsonNode answer = post(PRODUCTS, "action=create&orgId=o1", body);

        assertThat(code(answer)).isEqualTo(expected);
        assertThat(answer.path("msg").asText()).contains(told);
        assertThat(api.operator().get("/api/v1/products/new").status()).isEqualTo(404);
    }

    @Test
    void noCertificateIsRequiredAnyMoreWhereThatIsSaid() throws Exception {
        String product = "/api/v1/products/pump";
        api.operator().patch(product, "{\"certificateRequired\":true}");

        post(PRODUCTS, "action=update&orgId=o1", "{\"productKey\":\"pump\"}");
        assertThat(api.operator().get(product).text()).contains("\"certificateRequired\":true");
        post(
                PRODUCTS,
                "action=update&orgId=o1",
                "{\"productKey\":\"pump\",\"biDirectionalAuth\":false}");
        assertThat(api.operator().get(product).text()).contains("\"certificateRequired\":false");
    }

    @Test
    void aCallThatIsSignedWronglyIsRefusedAndDoesNothing() throws Exception {
        String body = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";
        String query = "action=create&orgId=o1";
        HttpRequest.Builder otherBody =
                signed(DEVICES, query, body, ++time).POST(BodyPublishers.ofString(body + " "));
        HttpRequest.Builder otherQuery =
                signed(DEVICES, "action=get&orgId=o1", body, ++time)
                        .uri(request(DEVICES + "?" + query).build().uri())
                        .POST(BodyPublishers.ofString(body));
        HttpRequest.Builder old =
                signed(DEVICES, query, body, time - 400_000).POST(BodyPublishers.ofString(body));

        assertThat(code(send(otherBody))).isEqualTo(401);
        assertThat(code(send(otherQuery))).isEqualTo(401);
        assertThat(code(send(old))).isEqualTo(401);
        assertThat(code(send(request(DEVICES + "?" + query).GET()))).isEqualTo(401);
        assertThat(api.operator().get("/api/v1/products/pump/devices").text())
                .isEqualTo("{\"items\":[]}");
    }

    @Test
    void aCallThatWasMadeBeforeIsNotDoneAgain() throws Exception {
        createDevice();
        String body = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";
        String query = "action=disable&orgId=o1";
        long then = ++time;

        JsonNode first =
                send(signed(DEVICES, query, body, then).POST(BodyPublishers.ofString(body)));
        post(DEVICES, "action=enable&orgId=o1", body);
        JsonNode replayed =
                send(signed(DEVICES, query, body, then).POST(BodyPublishers.ofString(body)));

        assertThat(code(first)).isZero();
        assertThat(code(replayed)).isEqualTo(401);
        assertThat(api.operator().get("/api/v1/products/pump/devices/d1").text())
                .contains("INACTIVE");
    }

    @Test
    void whatARoleDoesNotAllowIsNotRemembered() throws Exception {
        createDevice();
        use(Role.READ);
        String body = "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}";
        String query = "action=disable&orgId=o1";
        long then = ++time;

        for (int i = 0; i < 2; i++) {
            JsonNode refused =
                    send(signed(DEVICES, query, body, then).POST(BodyPublishers.ofString(body)));
            assertThat(code(refused)).isEqualTo(403);
        }
    }

    @Test
    void rolesHoldAsElsewhere() throws Exception {
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
                        key.id(),
                        new ApiKey.Change(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(true),
                                Optional.empty()),
                        OptionalLong.empty());
        assertThat(code(post(DEVICES, "action=enable&orgId=o1", d1))).isEqualTo(401);
    }

    @Test
    void callsAreInTheAuditLog() throws Exception {
        createDevice();
        post(DEVICES, "action=enable&orgId=o1", "{\"productKey\":\"pump\",\"deviceKey\":\"d1\"}");

        String rows = api.operator().get("/api/v1/audit?actor=key:" + key.id()).text();

        assertThat(rows)
                .contains("\"act\":\"device.create\",\"object\":\"device:pump/d1\"")
                .contains("\"act\":\"device.enable\",\"object\":\"device:pump/d1\"");
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
                "disable | {\"productKey\":\"pump\",\"deviceKey\":\"nobody\"}      | 11404",
                "disable | {\"assetId\":\"sapy0hvb4kf7\"}                          | 99400",
                "get     | {\"productKey\":\"pump\",\"deviceKey\":\"d1\"}          | 99400",
                "explode | {}                                                      | 99400",
            })
    void whatGoesWrongHasTheCodeOfEnos(String action, String body, int expected) throws Exception {
        createDevice();

        JsonNode answer = post(DEVICES, "action=" + action + "&orgId=o1", body);

        assertThat(code(answer)).isEqualTo(expected);
        assertThat(answer.path("msg").asText()).isNotEmpty();
        assertThat(answer.path("data").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"inactive, 0", "online, 99400", "offline, 99400", "disabled, 99400"})
    void aStateIsWhatItIsAndCannotBeWished(String status, int expected) throws Exception {
        createDevice();

        JsonNode answer =
                post(
                        "/connect-service/v2.4/devices",
                        "action=modifyDeviceStatus&orgId=o1",
                        "{\"productKey\":\"pump\",\"deviceKey\":\"d1\",\"status\":\"%s\"}"
                                .formatted(status));

        assertThat(code(answer)).isEqualTo(expected);
    }
}
