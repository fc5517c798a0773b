package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.RequestFields;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for all resources: who may ask, how a request must look, how errors look. */
class ManagementApiTest {

    private static final String PRODUCTS = "/api/v1/products";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/products",
        "POST, /api/v1/products",
        "GET, /api/v1/products/demo",
        "GET, /api/v1/products/demo/secret",
        "POST, /api/v1/products/demo/devices",
        "GET, /api/v1/products/demo/devices",
        "GET, /api/v1/products/demo/devices/d",
        "GET, /api/v1/products/demo/devices/d/secret",
        "POST, /api/v1/products/demo/devices/d/disable",
        "POST, /api/v1/products/demo/devices/d/enable",
        "GET, /api/v1/applications",
        "POST, /api/v1/applications",
        "GET, /api/v1/clients",
        "GET, /api/v1/clients/c",
        "DELETE, /api/v1/clients/c",
        "HEAD, /api/v1/products",
        "GET, /api/v1/nothing"
    })
    void answersNobodyWithoutTheToken(String method, String path) {
        Answer withoutToken = api.operator().withoutToken().call(method, path);
        Answer withWrongToken = api.operator().withToken("wrong").call(method, path);

        assertThat(withoutToken.status()).isEqualTo(401);
        assertThat(withoutToken.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"muster\"");
        assertThat(withWrongToken.status()).isEqualTo(401);
        assertThat(withWrongToken.header("WWW-Authenticate")).contains("invalid_token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/../v1/products",
                "/api/v1/%2e%2e/v1/products",
                "/%61pi/v1/products",
                "//api/v1/products",
                "/api//v1/products",
                "/api/v1/products/",
                "/x/../api/v1/products",
                "/api;x=y/v1/products"
            })
    void noSpellingOfAPathGoesRoundTheToken(String path) throws IOException {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .doesNotContain("200 OK")
                .doesNotContain("items");
    }

    @Test
    void refusesATokenThatOnlyBeginsRight() {
        String part = ApiFixture.TOKEN.substring(0, ApiFixture.TOKEN.length() - 1);

        assertThat(api.operator().withToken(part).get(PRODUCTS).status()).isEqualTo(401);
        assertThat(api.operator().withToken(ApiFixture.TOKEN + "x").get(PRODUCTS).status())
                .isEqualTo(401);
        assertThat(api.operator().withToken("").get(PRODUCTS).status()).isEqualTo(401);
    }

    @Test
    void refusesAnotherSchemeWithTheRightToken() throws IOException {
        assertThat(
                        raw(
                                "GET /api/v1/products HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                        + "Authorization: Basic "
                                        + ApiFixture.TOKEN
                                        + "\r\n\r\n"))
                .contains("401 Unauthorized");
    }

    @Test
    void a401IsAProblemToo() {
        ApiFixture.assertProblem(
                api.operator().withoutToken().get(PRODUCTS), 401, "Authorization: Bearer ...");
    }

    @Test
    void answers404WhereThereIsNothing() {
        ApiFixture.assertProblem(
                api.operator().get("/api/v1/gadgets"), 404, "there is nothing at /api/v1/gadgets");
        ApiFixture.assertProblem(
                api.operator().withoutToken().get("/"), 404, "there is nothing at /");
    }

    @Test
    void answers405WithTheMethodsThatAreAllowed() {
        Answer answer = api.operator().delete(PRODUCTS);

        ApiFixture.assertProblem(answer, 405, "DELETE is not allowed here");
        assertThat(answer.header("Allow").split(", "))
                .containsExactlyInAnyOrder("GET", "HEAD", "POST");
    }

    @Test
    void answers415ForABodyThatIsNotSentAsJson() {
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "text/plain", "{}"),
                415,
                "must be sent as Content-Type application/json, not text/plain");
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "application/jsonp", "{}"), 415, "application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "application/json; charset=utf-8", "Application/JSON"})
    void takesJsonHoweverItsTypeIsWritten(String contentType) {
        assertThat(api.operator().post(PRODUCTS, contentType, "{}").status()).isEqualTo(201);
    }

    @Test
    void takesABodyOf64KiBAndNoLarger() {
        String largest = padded(RequestFields.BODY_BYTES_MAX);
        String larger = padded(RequestFields.BODY_BYTES_MAX + 1);

        assertThat(api.operator().post(PRODUCTS, largest).status()).isEqualTo(201);
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, larger), 413, "larger than 65536 bytes");
    }

    private static String padded(int length) {
        return "{" + " ".repeat(length - 2) + "}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"name\"}",
                "{\"name\":'x'}",
                "{} {}",
                "nonsense",
                "{\"name\":\"a\",\"name\":\"b\"}"
            })
    void refusesWhatIsNotOneJsonValue(String body) {
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, body), 400, "the body is not valid JSON");
    }

    @Test
    void refusesJsonBeyondTheLimitsOfTheParser() {
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "[".repeat(30_000)),
                400,
                "the body is not valid JSON");
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "{\"name\":" + "1".repeat(5_000) + "}"),
                400,
                "the body is not valid JSON");
    }

    @Test
    void saysWhereAValueIsNotClosedInWordsOfItsOwn() {
        Answer answer = api.operator().post(PRODUCTS, "{");

        ApiFixture.assertProblem(
                answer, 400, "expected close marker for Object (line 1, column 2)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[]|array", "\"text\"|string", "17|number", "null|null", "' '|empty"})
    void refusesJsonThatIsNotAnObject(String body, String type) {
        Answer answer = api.operator().post(PRODUCTS, body);

        ApiFixture.assertProblem(answer, 400, "the body must be a JSON object");
        assertThat(answer.json().path("detail").asText()).contains(type);
    }

    @Test
    void refusesAFieldThatItDoesNotKnow() {
        ApiFixture.assertProblem(
                api.operator().post(PRODUCTS, "{\"productkey\":\"demo\"}"),
                400,
                "unknown field 'productkey'; allowed are productKey, productSecret,"
                        + " name, type");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\":17}|'name' must be a text, but is of type number",
                "{\"name\":null}|'name' must be a text, but is of type null",
                "{\"name\":\"\\ud800\"}|'name' holds half of a surrogate pair",
                "{\"productKey\":[]}|'productKey' must be a text, but is of type array",
                "{\"dynamicActivation\":\"true\"}|'dynamicActivation' must be true or false, but is"
                        + " of type string"
            })
    void refusesAFieldOfTheWrongType(String body, String detail) {
        ApiFixture.assertProblem(api.operator().post(PRODUCTS, body), 400, detail);
    }

    @Test
    void answersWithProblemDetailsToWhatTheServerItselfRefuses() throws IOException {
        String answer = raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n");

        assertThat(answer).contains(" 431 ").contains("application/problem+json");
        assertThat(answer).doesNotContain("<html>").doesNotContain("Jetty");
    }

    @Test
    void answersWithProblemDetailsToAPathThatIsNotEncodedRight() throws IOException {
        String answer =
                raw(
                        "GET /api/v1/clients/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                + "Authorization: Bearer "
                                + ApiFixture.TOKEN
                                + "\r\n\r\n");

        assertThat(answer).contains(" 400 ").contains("application/problem+json");
    }

    @Test
    void answers503AndTellsWhenToComeBackWhileTheRegistryIsClosed() {
        api.database().close();

        Answer answer = api.operator().get(PRODUCTS);

        ApiFixture.assertProblem(answer, 503, "the registry cannot be asked now");
        assertThat(answer.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void liveIsUpWithoutAToken() {
        Answer answer = api.operator().withoutToken().get("/health/live");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void readyTellsWhatIsNot() {
        Answer before = api.operator().withoutToken().get("/health/ready");
        api.readiness().listenersAccept();
        Answer after = api.operator().withoutToken().get("/health/ready");

        assertThat(before.status()).isEqualTo(503);
        assertThat(before.text())
                .isEqualTo("{\"status\":\"DOWN\",\"notReady\":{\"listeners\":\"starting\"}}");
        assertThat(after.status()).isEqualTo(200);
        assertThat(after.text()).isEqualTo("{\"status\":\"UP\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health/live",
                "/health/ready",
                "/metrics",
                "/api/v1/products",
                "/api/v1/products/none",
                "/api/v1/clients/none"
            })
    void answersHeadAsGetWithoutTheBody(String path) {
        Answer get = api.operator().get(path);
        Answer head = api.operator().call("HEAD", path);

        assertThat(head.status()).isEqualTo(get.status());
        assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
        assertThat(head.text()).isEmpty();
    }

    @Test
    void showsMetricsInThePrometheusTextFormat() {
        api.meters().counter("muster.example").increment();

        Answer answer = api.operator().withoutToken().get("/metrics");

        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        assertThat(answer.text()).contains("# TYPE muster_example_total counter");
        assertThat(answer.text()).contains("muster_example_total 1.0");
    }

    @Test
    void failsToStartNamingAnAddressThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> api.start(port))
                    .hasMessageContaining("management.bind 127.0.0.1, management.port " + port);
        }
    }

    @Test
    void failsToStartWithARouteThatDoesNotSayWhichRoleItNeeds() {
        assertThatThrownBy(() -> api.start(0, routes -> routes.get("/api/v1/new", ctx -> {})))
                .hasMessage("GET /api/v1/new does not say which role it needs");
        assertThatThrownBy(
                        () ->
                                api.start(
                                        0,
                                        routes ->
                                                routes.post("/api/v1/new", ctx -> {}, Needs.READ)))
                .hasMessage("POST /api/v1/new changes something, but names no act");
        assertThatThrownBy(
                        () ->
                                api.start(
                                        0,
                                        routes ->
                                                routes.get(
                                                        "/api/v1/new", ctx -> {}, Needs.NOTHING)))
                .hasMessage("GET /api/v1/new is open to everybody");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(10_000);
            socket.connect(api.address());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream answer = socket.getInputStream();
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
