package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.application.PasswordHash;
import io.muster.devices.Application;
import io.muster.hub.HttpCaller.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
    void listsAccountsWithoutTheirHashes() {
        create("correct horse");

        Answer answer = api.operator().get(APPLICATIONS);

        assertThat(answer.json().path("items").findValuesAsText("username"))
                .containsExactly("billing");
        assertThat(answer.text()).doesNotContain("assword");
    }
}
