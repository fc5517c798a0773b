package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.application.PasswordHash;
import io.muster.devices.application.Application;
import io.muster.hub.HttpCaller.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationResourceTest {

    private static final String APPLICATIONS = "/api/v1/applications";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void createsAnAccountWhosePasswordIsStoredAsAHash() {
        Answer answer =
                api.operator()
                        .post(
                                APPLICATIONS,
                                "{\"username\":\"billing\",\"password\":\"correct horse\"}");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("username").asText()).isEqualTo("billing");
        assertThat(answer.json().has("createdAt")).isTrue();
        assertThat(answer.text()).doesNotContain("correct horse");
        Application stored = api.applications().find("billing").orElseThrow();
        assertThat(stored.passwordHash()).doesNotContain("correct horse");
        assertThat(
                        PasswordHash.verify(
                                "correct horse".getBytes(StandardCharsets.UTF_8),
                                stored.passwordHash()))
                .isTrue();
        assertThat(stored.scramVerifier().orElseThrow()).startsWith("SCRAM-SHA-256$15000:");
    }

    @Test
    void refusesAUsernameThatIsTaken() {
        String account = "{\"username\":\"billing\",\"password\":\"correct horse\"}";
        api.operator().post(APPLICATIONS, account);

        ApiFixture.assertProblem(api.operator().post(APPLICATIONS, account), 409, "billing");
    }

    @Test
    void refusesAUsernameThatIsNotOne() {
        Answer answer =
                api.operator()
                        .post(
                                APPLICATIONS,
                                "{\"username\":\"no spaces\",\"password\":\"correct horse\"}");

        ApiFixture.assertProblem(answer, 400, "username");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 129})
    void refusesAPasswordThatIsTooShortOrTooLong(int length) {
        Answer answer = create("x".repeat(length));

        ApiFixture.assertProblem(
                answer,
                400,
                "the field 'password' has " + length + " characters, but must have 8 to 128");
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 128})
    void takesTheShortestAndTheLongestPassword(int length) {
        assertThat(create("x".repeat(length)).status()).isEqualTo(201);
    }

    private Answer create(String password) {
        return api.operator()
                .post(APPLICATIONS, "{\"username\":\"billing\",\"password\":\"" + password + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"username", "password"})
    void refusesAnAccountWithoutAField(String missing) {
        String other = missing.equals("username") ? "password" : "username";

        Answer answer = api.operator().post(APPLICATIONS, "{\"" + other + "\":\"something\"}");

        ApiFixture.assertProblem(answer, 400, "the field '" + missing + "' is missing");
    }

    @Test
    void givesAnAccountTheBuiltInRoleUnlessOthersAreNamed() {
        assertThat(create("correct horse").json().path("roles")).hasToString("[\"all-topics\"]");
        api.operator().put("/api/v1/roles/r1", "{\"rules\":[]}");

        Answer other =
                api.operator()
                        .post(
                                APPLICATIONS,
                                "{\"username\":\"other\",\"password\":\"correct horse\",\"roles\":[\"r1\",\"all-topics\"]}");

        assertThat(other.status()).isEqualTo(201);
        assertThat(api.operator().get(APPLICATIONS + "/other").json().path("roles"))
                .hasToString("[\"r1\",\"all-topics\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                              | 400 | the field 'roles' is missing",
                "{\"roles\":\"all-topics\"}        | 400 | must be an array of texts",
                "{\"roles\":[1]}                 | 400 | must be an array of texts",
                "{\"roles\":[\"nobody-knows\"]}    | 400 | role 'nobody-knows' is unknown",
                "{\"roles\":[\"A b\"]}             | 400 | lower-case letters",
                "{\"roles\":[\"all-topics\",\"all-topics\"]} | 400 | named twice",
            })
    void refusesRolesThatItCannotGive(String body, int status, String sentence) {
        create("correct horse");

        ApiFixture.assertProblem(
                api.operator().patch(APPLICATIONS + "/billing", body), status, sentence);
        assertThat(api.operator().get(APPLICATIONS + "/billing").json().path("roles"))
                .hasToString("[\"all-topics\"]");
    }

    @Test
    void changesRolesIfTheRevisionIsThePresentOne() {
        long revision = create("correct horse").json().path("revision").asLong();

        Answer changed =
                api.operator()
                        .patchIf(
                                "\"" + revision + "\"",
                                APPLICATIONS + "/billing",
                                "{\"roles\":[]}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("roles")).isEmpty();
        assertThat(changed.json().path("revision").asLong()).isGreaterThan(revision);
    }

    @Test
    void disablesAndEnablesAnAccount() {
        create("correct horse");

        Answer disabled = api.operator().post(APPLICATIONS + "/billing/disable");
        assertThat(disabled.json().path("disabled").asBoolean()).isTrue();
        assertThat(api.applications().find("billing").orElseThrow().standing().isDisabled())
                .isTrue();
        Answer enabled = api.operator().post(APPLICATIONS + "/billing/enable");
        assertThat(enabled.json().path("disabled").asBoolean()).isFalse();
    }

    @Test
    void changesAPasswordAndDeletesAnAccountWithItsSessions() {
        create("correct horse");
        String before = api.applications().find("billing").orElseThrow().passwordHash();

        Answer changed =
                api.operator()
                        .put(
                                APPLICATIONS + "/billing/password",
                                "{\"password\":\"battery staple\"}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.text()).doesNotContain("battery");
        assertThat(api.applications().find("billing").orElseThrow().passwordHash())
                .isNotEqualTo(before);

        assertThat(api.operator().delete(APPLICATIONS + "/billing").status()).isEqualTo(204);
        assertThat(api.applications().find("billing")).isEmpty();
        ApiFixture.assertProblem(
                api.operator().get(APPLICATIONS + "/billing"), 404, "no application 'billing'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "DELETE", "PUT", "disable", "enable"})
    void saysThatThereIsNoSuchAccount(String what) {
        String nobody = APPLICATIONS + "/nobody";
        Answer answer =
                switch (what) {
                    case "PATCH" -> api.operator().patch(nobody, "{\"roles\":[]}");
                    case "DELETE" -> api.operator().delete(nobody);
                    case "PUT" ->
                            api.operator().put(nobody + "/password", "{\"password\":\"12345678\"}");
                    default -> api.operator().post(nobody + "/" + what);
                };

        ApiFixture.assertProblem(answer, 404, "application 'nobody' is unknown");
    }

    @Test
    void listsAccountsWithoutTheirHashes() {
        create("correct horse");

        Answer answer = api.operator().get(APPLICATIONS);

        assertThat(answer.json().path("items").findValuesAsText("username"))
                .containsExactly("billing");
        assertThat(answer.text()).doesNotContain("assword");
    }
}
