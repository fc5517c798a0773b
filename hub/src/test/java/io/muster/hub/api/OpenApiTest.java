package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.Javalin;
import io.javalin.http.HandlerType;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.openapi.ApiContract;
import io.muster.hub.openapi.ApiContract.Exchange;
import io.muster.hub.openapi.ApiContract.Operation;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The OpenAPI document says what the management API does. That each answer looks as described is
 * looked at whenever a test makes a request, see {@link ApiContract}.
 */
class OpenApiTest {

    private static final ApiContract CONTRACT = ApiContract.shared();

    private static ApiFixture api;

    @BeforeAll
    static void start(@TempDir Path folder) {
        api = ApiFixture.startWithCertificates(folder);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void isServedToEverybody() throws Exception {
        Answer answer = api.operator().withoutToken().get("/openapi.yaml");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/yaml");
        try (var expected = ManagementApi.class.getResourceAsStream("openapi.yaml")) {
            assertThat(answer.text())
                    .isEqualTo(
                            new String(
                                    Objects.requireNonNull(expected).readAllBytes(),
                                    StandardCharsets.UTF_8));
        }
    }

    @Test
    void describesEveryRouteAndNoOther() {
        Javalin served =
                Javalin.create(
                        javalin -> {
                            ManagementApi.addResources(javalin.routes, api.managedHub());
                            api.resources().forEach(each -> each.addTo(javalin.routes));
                        });
        Set<String> routes =
                served.unsafe.internalRouter.allHttpHandlers().stream()
                        .map(route -> route.endpoint)
                        // Each GET has its HEAD; the others are filters.
                        .filter(route -> route.method.isHttpMethod())
                        .filter(route -> !route.method.equals(HandlerType.HEAD))
                        .map(route -> route.method + " " + route.path.replaceAll("<(.*)>", "{$1}"))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(CONTRACT.operations().map(Operation::toString)).hasSameElementsAs(routes);
    }

    @Test
    void holdsTogether() {
        CONTRACT.compileAll();

        assertThat(CONTRACT.document().path("openapi").asText()).startsWith("3.1.");
        List<String> ids =
                CONTRACT.operations()
                        .map(operation -> operation.description().path("operationId").asText())
                        .toList();
        assertThat(ids).doesNotHaveDuplicates().doesNotContain("");
        assertThat(danglingReferences(CONTRACT.document())).isEmpty();
    }

    private static Stream<String> danglingReferences(JsonNode document) {
        return document.findValuesAsText("$ref").stream()
                .filter(reference -> document.at(reference.substring(1)).isMissingNode());
    }

    static Stream<Operation> takingObjects() {
        return CONTRACT.operations()
                .filter(
                        operation ->
                                CONTRACT.requestSchema(operation)
                                        .filter(
                                                schema ->
                                                        !schema.path("additionalProperties")
                                                                        .asBoolean()
                                                                && schema.has("properties"))
                                        .isPresent());
    }

    @ParameterizedTest
    @MethodSource("takingObjects")
    void namesTheFieldsOfEachRequest(Operation operation) {
        String path = operation.path().replaceAll("\\{[A-Za-z]+}", "x");
        String method = operation.method();

        String detail =
                api.operator()
                        .send(method, path, "application/json", "{\"no-such-field\":0}")
                        .json()
                        .path("detail")
                        .asText();

        assertThat(detail).startsWith("unknown field 'no-such-field'; allowed are ");
        assertThat(words(detail.substring(detail.indexOf("are ") + 4)))
                .containsExactlyInAnyOrderElementsOf(
                        () ->
                                CONTRACT.requestSchema(operation)
                                        .orElseThrow()
                                        .path("properties")
                                        .fieldNames());
    }

    static Stream<Operation> lists() {
        return CONTRACT.operations()
                .filter(operation -> operation.method().equals("GET"))
                .filter(operation -> CONTRACT.queryParameters(operation).contains("after"));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void namesTheParametersOfEachList(Operation operation) {
        String path = operation.path().replaceAll("\\{[A-Za-z]+}", "x");

        String detail =
                api.operator().get(path + "?no-such-parameter=0").json().path("detail").asText();

        assertThat(detail).startsWith("unknown query parameter 'no-such-parameter'");
        assertThat(words(detail.substring(detail.indexOf("are ") + 4)))
                .containsExactlyInAnyOrderElementsOf(CONTRACT.queryParameters(operation));
    }

    private static Set<String> words(String list) {
        Set<String> words = new TreeSet<>(List.of(list.split(", | and ")));
        words.remove("");
        return words;
    }

    @Test
    void nobodyIsAskedWhoHeIsForThisOnly() {
        assertThat(
                        CONTRACT.operations()
                                .filter(operation -> operation.description().has("security"))
                                .filter(
                                        operation ->
                                                operation.description().path("security").isEmpty())
                                .map(Operation::toString))
                .containsExactlyInAnyOrder(
                        "POST /apim-token-service/v2.0/token/get",
                        // Signed in the query.
                        "POST /connectService/products/{productKey}/devices/{deviceKey}/certificates/apply",
                        "GET /connectService/products/{productKey}/devices/{deviceKey}/certificates/list",
                        "DELETE /connectService/products/{productKey}/devices/{deviceKey}/certificates/revoke",
                        "POST /connectService/devices/{assetId}/certificates/apply",
                        "GET /connectService/devices/{assetId}/certificates/list",
                        "DELETE /connectService/devices/{assetId}/certificates/revoke",
                        // Signed themselves.
                        "GET /ca/bundle",
                        "GET /ca/{issuer}.crt",
                        "GET /crl/{issuer}.crl",
                        "GET /crl/{issuer}/{partition}.crl",
                        "GET /enos/CA/cacert/{algorithm}",
                        "GET /enos/CA/crl/{algorithm}",
                        "GET /.well-known/est/cacerts",
                        "GET /.well-known/est/csrattrs",
                        "GET /.well-known/est/{label}/cacerts",
                        "GET /.well-known/est/{label}/csrattrs",
                        "POST /ocsp",
                        "GET /ocsp/{request}",
                        "GET /openapi.yaml",
                        "GET /health/live",
                        "GET /health/ready",
                        "GET /metrics");
    }

    @Test
    void anEnosCallThatIsOtherwiseIsNoticed() {
        String done =
                "{\"code\":0,\"msg\":\"OK\",\"requestId\":\"%s\",\"data\":null}"
                        .formatted(new UUID(1, 2));
        assertThatThrownBy(() -> checkEnos("action=create", "{}", done))
                .hasMessageContaining("/data: null found, object expected");
        assertThatThrownBy(() -> checkEnos("action=enable", "{\"deviceKey\":7}", done))
                .hasMessageContaining("deviceKey");
        assertThatThrownBy(() -> checkEnos("action=remove", "{}", done))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> checkEnos("orgId=o1", "{}", done))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> checkEnos("action=enable&more=1", "{}", done))
                .hasMessageContaining("more");
        assertThatThrownBy(
                        () ->
                                checkEnos(
                                        "action=enable",
                                        "{}",
                                        done.replace("\"code\":0", "\"code\":5")))
                .isInstanceOf(AssertionError.class);
        checkEnos("action=enable", "{\"deviceKey\":\"d1\"}", done);
        checkEnos(
                "action=enable", "{\"deviceKey\":7}", done.replace("\"code\":0", "\"code\":99400"));
    }

    private static void checkEnos(String query, String sent, String answer) {
        CONTRACT.check(
                new Exchange(
                        "POST",
                        URI.create("http://hub/connect-service/v2.1/devices?" + query),
                        "application/json",
                        sent,
                        200,
                        "application/json",
                        answer));
    }

    @Test
    void anExchangeThatIsOtherwiseIsNoticed() {
        assertThatThrownBy(() -> check("GET", 200, "{\"items\":[{\"productKey\":\"p\"}]}"))
                .hasMessageContaining("dynamicActivation");
        assertThatThrownBy(() -> check("GET", 200, "{\"items\":[],\"more\":true}"))
                .hasMessageContaining("more");
        assertThatThrownBy(() -> check("GET", 418, "{}")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> check("PUT", 200, "{}")).hasMessageContaining("not described");
        check("GET", 200, "{\"items\":[]}");
    }

    private static void check(String method, int status, String answer) {
        CONTRACT.check(
                new Exchange(
                        method,
                        URI.create("http://hub/api/v1/products"),
                        "",
                        "",
                        status,
                        "application/json",
                        answer));
    }
}
