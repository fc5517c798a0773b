package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.roles.RoleRule;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleResourceTest {

    private static final String ROLES = "/api/v1/roles";
    private static final String READER = ROLES + "/reader";
    private static final String RULES =
            "[{\"effect\":\"deny\",\"use\":\"any\",\"filter\":\"plant/secret/#\"},"
                    + "{\"effect\":\"allow\",\"use\":\"subscribe\",\"filter\":\"plant/${username}/#\"}]";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private static String body(String rules) {
        return "{\"rules\":" + rules + "}";
    }

    @Test
    void keepsARoleAsItWasWritten() {
        Answer put = api.operator().put(READER, body(RULES));

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().path("rules")).hasToString(RULES);
        assertThat(put.json().path("builtIn").asBoolean()).isFalse();
        assertThat(put.json().has("createdAt")).isTrue();
        assertThat(api.operator().get(READER).json()).isEqualTo(put.json());
    }

    @Test
    void meansBothUsesWhereNoneIsNamed() {
        Answer put = api.operator().put(READER, body("[{\"effect\":\"allow\",\"filter\":\"a\"}]"));

        assertThat(put.json().at("/rules/0/use").asText()).isEqualTo("any");
    }

    @Test
    void listsTheBuiltInRoleAmongTheOthersPageByPage() {
        api.operator().put(READER, body("[]"));
        api.operator().put(ROLES + "/a", body("[]"));

        assertThat(api.operator().get(ROLES).json().path("items").findValuesAsText("name"))
                .containsExactly("a", "all-topics", "reader");
        Answer page = api.operator().get(ROLES + "?limit=1&after=a");
        assertThat(page.json().path("items").findValuesAsText("name"))
                .containsExactly("all-topics");
        assertThat(page.json().path("next").asText()).isEqualTo("all-topics");
    }

    private Answer put(String path, String rules, String header, String tag) {
        return api.operator()
                .send("PUT", path, "application/json", "{\"rules\":" + rules + "}", header, tag);
    }

    private static void assertOther(Answer answer, String told) {
        assertThat(answer.status()).isEqualTo(412);
        assertThat(answer.json().path("detail").asText()).contains(told);
    }

    @Test
    void changesARoleOnlyFromTheRevisionThatIsNamed() {
        String first = put(READER, "[]", "If-None-Match", "*").header("ETag");
        assertOther(put(READER, "[]", "If-None-Match", "*"), "role 'reader' is there already");

        Answer second = put(READER, RULES, "If-Match", first);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("ETag")).isNotEqualTo(first);
        assertOther(put(READER, "[]", "If-Match", first), "role 'reader' is at revision ");
        assertOther(put(ROLES + "/new", "[]", "If-Match", "\"7\""), "role 'new' is not there");
        assertThat(api.operator().get(READER).json().path("rules")).hasToString(RULES);
    }

    @Test
    void doesNotChangeOrDeleteTheBuiltInRole() {
        ApiFixture.assertProblem(
                api.operator().put(ROLES + "/all-topics", body("[]")), 400, "built in");
        ApiFixture.assertProblem(api.operator().delete(ROLES + "/all-topics"), 400, "built in");
        assertThat(api.operator().get(ROLES + "/all-topics").json().path("builtIn").asBoolean())
                .isTrue();
    }

    @Test
    void doesNotDeleteARoleThatAnApplicationHas() {
        api.operator().put(READER, body("[]"));
        api.operator()
                .post(
                        "/api/v1/applications",
                        "{\"username\":\"app\",\"password\":\"correct horse\",\"roles\":[\"reader\"]}");

        ApiFixture.assertProblem(api.operator().delete(READER), 409, "1 applications, 'app'");

        api.operator().patch("/api/v1/applications/app", "{\"roles\":[]}");
        assertThat(api.operator().delete(READER).status()).isEqualTo(204);
        ApiFixture.assertProblem(api.operator().get(READER), 404, "no role 'reader'");
        ApiFixture.assertProblem(api.operator().delete(READER), 404, "role 'reader' is unknown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                             | the field 'rules' must be an array",
                "{\"rules\":[1]}                                | rules[0] must be an object",
                "{\"rules\":[{\"effect\":\"allow\"}]}             | rules[0].filter must be a text",
                "{\"rules\":[{\"filter\":\"a\"}]}                 | rules[0].effect must be one of allow, deny",
                "{\"rules\":[{\"effect\":\"ALLOW\",\"filter\":\"a\"}]} | must be one of allow, deny",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"a\",\"use\":\"read\"}]} | rules[0].use must be one of publish, subscribe, any",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"a\",\"qos\":1}]} | unknown field 'qos'",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"\"}]} | 1 to 512 characters",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"a#\"}]} | rule 1: 'a#' is not a topic filter",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"${productKey}/#\"}]} | rule 1: topic filter has the placeholder ${productKey}",
                "{\"rules\":[{\"effect\":\"deny\",\"filter\":\"a\\u0000\"}]} | control characters",
            })
    void refusesARuleThatIsNone(String body, String sentence) {
        ApiFixture.assertProblem(api.operator().put(READER, body), 400, sentence);
        assertThat(api.operator().get(READER).status()).isEqualTo(404);
    }

    @Test
    void refusesTooManyRulesAndANameThatIsNone() {
        String rule = "{\"effect\":\"allow\",\"filter\":\"a\"}";
        String hundred =
                IntStream.range(0, 100).mapToObj(i -> rule).collect(Collectors.joining(","));

        assertThat(api.operator().put(READER, body("[" + hundred + "]")).status()).isEqualTo(200);
        ApiFixture.assertProblem(
                api.operator().put(READER, body("[" + hundred + "," + rule + "]")),
                400,
                "at most 100");
        ApiFixture.assertProblem(
                api.operator().put(ROLES + "/No_Name", body("[]")), 400, "lower-case letters");
        String longest = "x".repeat(RoleRule.FILTER_LENGTH_MAX);
        assertThat(
                        api.operator()
                                .put(
                                        READER,
                                        body(
                                                "["
                                                        + rule.replace(
                                                                "\"a\"", "\"" + longest + "\"")
                                                        + "]"))
                                .status())
                .isEqualTo(200);
    }
}
