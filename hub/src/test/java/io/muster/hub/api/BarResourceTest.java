package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.guard.Bar;
import io.muster.hub.HttpCaller.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BarResourceTest {

    private static final String BARS = "/api/v1/bars";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private void bar(Bar.Guard guard, String name, String address) {
        api.bars()
                .bar(
                        new Bar(
                                guard,
                                name.isEmpty() ? Optional.empty() : Optional.of(name),
                                address.isEmpty() ? Optional.empty() : Optional.of(address),
                                7,
                                Duration.ofMillis(63_001)));
    }

    @Test
    void showsWhoIsBarredByWhatAndForHowLong() {
        bar(Bar.Guard.NAME, "dev&pk", "192.0.2.1");
        bar(Bar.Guard.ADDRESS, "", "2001:db8:0:1::/64");
        bar(Bar.Guard.RATE, "device:pk/dev", "");

        assertThat(api.operator().get(BARS).text())
                .isEqualTo(
                        "{\"items\":["
                                + "{\"id\":\"address/2001:db8:0:1::/64\",\"guard\":\"address\","
                                + "\"address\":\"2001:db8:0:1::/64\",\"count\":7,\"secondsLeft\":64},"
                                + "{\"id\":\"name/192.0.2.1/dev&pk\",\"guard\":\"name\",\"name\":\"dev&pk\","
                                + "\"address\":\"192.0.2.1\",\"count\":7,\"secondsLeft\":64},"
                                + "{\"id\":\"rate/device:pk/dev\",\"guard\":\"rate\","
                                + "\"name\":\"device:pk/dev\",\"count\":7,\"secondsLeft\":64}]}");
    }

    @Test
    void listsInPages() {
        for (String name : new String[] {"c", "a", "b"}) {
            bar(Bar.Guard.NAME, name, "192.0.2.1");
        }

        Answer first = api.operator().get(BARS + "?limit=2");
        Answer second = api.operator().get(BARS + "?limit=2&after=name/192.0.2.1/b");

        assertThat(first.json().path("items").findValuesAsText("name")).containsExactly("a", "b");
        assertThat(first.json().path("next").asText()).isEqualTo("name/192.0.2.1/b");
        assertThat(second.json().path("items").findValuesAsText("name")).containsExactly("c");
        assertThat(second.json().has("next")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev&pk", "a/b", "a b?c#d%2F", "ü€𝄞", "..", "\u0001\"\\"})
    void liftsABarWhateverTheNameIs(String name) {
        bar(Bar.Guard.NAME, name, "192.0.2.1");
        String id = URLEncoder.encode("name/192.0.2.1/" + name, StandardCharsets.UTF_8);

        assertThat(api.operator().delete(BARS + "/" + id.replace("+", "%20")).status())
                .isEqualTo(204);
        assertThat(api.bars().list("", 10)).isEmpty();
    }

    @Test
    void takesTheSlashesUnencoded() {
        bar(Bar.Guard.ADDRESS, "", "2001:db8:0:1::/64");

        assertThat(api.operator().delete(BARS + "/address/2001:db8:0:1::/64").status())
                .isEqualTo(204);
    }

    @Test
    void answers404ForABarThatThereIsNot() {
        ApiFixture.assertProblem(
                api.operator().delete(BARS + "/address/192.0.2.1"),
                404,
                "there is no bar 'address/192.0.2.1'");
    }

    @Test
    void needsTheOperatorToken() {
        assertThat(api.operator().withoutToken().get(BARS).status()).isEqualTo(401);
        assertThat(api.operator().withoutToken().delete(BARS + "/address/192.0.2.1").status())
                .isEqualTo(401);
    }
}
