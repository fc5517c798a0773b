package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.HttpCaller.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientResourceTest {

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
    void showsWhatIsKnownOfAClient() {
        api.clients().connect("app-1");

        Answer answer = api.operator().get("/api/v1/clients/app-1");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .isEqualTo(
                        "{\"clientId\":\"app-1\",\"sentClientId\":\"app-1|sent|\","
                                + "\"principal\":\"test:app-1\",\"address\":\"127.0.0.1\","
                                + "\"port\":40000,\"listener\":\"mqtt\",\"protocolLevel\":5,"
                                + "\"keepAliveSeconds\":60,\"connectedAt\":\"2023-11-14T22:13:20Z\","
                                + "\"contested\":false}");
    }

    @Test
    void tellsThatSeveralClientsFightForAnIdentifier() {
        api.clients().connect("app-1");
        api.clients().contest("app-1");

        assertThat(api.operator().get("/api/v1/clients/app-1").json().path("contested").asBoolean())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pk/dk",
                "pk/",
                "/pk",
                "a//b",
                "a b+c",
                "a?b#c",
                "a;b=c",
                "%2F",
                "a%b",
                "..",
                "a/../b",
                ".",
                "ü€𝄞",
                "a\\b",
                "a\"b<c>{d}|e^`",
                "dev1|securemode=2,signmethod=sha256,timestamp=1700000000000|"
            })
    void findsAndDisconnectsAClientWhateverItsIdentifier(String identifier) {
        api.clients().connect(identifier);
        String path = "/api/v1/clients/" + encoded(identifier);

        assertThat(api.operator().get(path).json().path("clientId").asText()).isEqualTo(identifier);
        assertThat(api.operator().delete(path).status()).isEqualTo(204);
        assertThat(api.clients().isConnected(identifier)).isFalse();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void takesTheSlashOfADeviceUnencoded() {
        api.clients().connect("pk/dk");

        assertThat(api.operator().get("/api/v1/clients/pk/dk").status()).isEqualTo(200);
        assertThat(api.operator().delete("/api/v1/clients/pk/dk").status()).isEqualTo(204);
    }

    @Test
    void answers404ForAClientThatIsNotConnected() {
        Answer shown = api.operator().get("/api/v1/clients/nobody");
        Answer disconnected = api.operator().delete("/api/v1/clients/nobody");

        ApiFixture.assertProblem(shown, 404, "there is no connected client 'nobody'");
        ApiFixture.assertProblem(disconnected, 404, "there is no connected client 'nobody'");
    }

    @Test
    void disconnectsOnlyTheClientThatWasNamed() {
        api.clients().connect("a");
        api.clients().connect("a/b");

        api.operator().delete("/api/v1/clients/a");

        assertThat(api.clients().isConnected("a/b")).isTrue();
    }

    @Test
    void listsInPages() {
        for (String identifier : new String[] {"c", "a", "e", "b", "d"}) {
            api.clients().connect(identifier);
        }

        Answer first = api.operator().get("/api/v1/clients?limit=2");
        Answer second = api.operator().get("/api/v1/clients?limit=2&after=b");
        Answer third = api.operator().get("/api/v1/clients?limit=2&after=d");

        assertThat(first.json().path("items").findValuesAsText("clientId"))
                .containsExactly("a", "b");
        assertThat(first.json().path("next").asText()).isEqualTo("b");
        assertThat(second.json().path("items").findValuesAsText("clientId"))
                .containsExactly("c", "d");
        assertThat(second.json().path("next").asText()).isEqualTo("d");
        assertThat(third.json().path("items").findValuesAsText("clientId")).containsExactly("e");
        assertThat(third.json().has("next")).isFalse();
    }

    @Test
    void aPageThatEndsWithTheLastEntryHasNoNext() {
        api.clients().connect("a");
        api.clients().connect("b");

        Answer answer = api.operator().get("/api/v1/clients?limit=2");

        assertThat(answer.json().path("items")).hasSize(2);
        assertThat(answer.json().has("next")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "ten", "1e2", "", "99999999999", "%2B5"})
    void refusesALimitThatIsNotFrom1To1000(String limit) {
        Answer answer = api.operator().get("/api/v1/clients?limit=" + limit);

        ApiFixture.assertProblem(answer, 400, "must be a whole number from 1 to 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1000"})
    void takesTheLeastAndTheGreatestLimit(String limit) {
        assertThat(api.operator().get("/api/v1/clients?limit=" + limit).status()).isEqualTo(200);
    }

    @Test
    void refusesAQueryParameterThatItDoesNotKnow() {
        ApiFixture.assertProblem(
                api.operator().get("/api/v1/clients?offset=3"),
                400,
                "unknown query parameter 'offset'; allowed are after and limit");
    }

    @Test
    void refusesAQueryParameterThatIsThereTwice() {
        ApiFixture.assertProblem(
                api.operator().get("/api/v1/clients?limit=3&limit=4"),
                400,
                "the query parameter 'limit' is there twice");
    }
}
