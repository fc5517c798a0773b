package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Drain.Status;
import io.muster.broker.protocol.Redirection;
import io.muster.hub.HttpCaller.Answer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrainResourceTest {

    private static final String DRAIN = "/api/v1/drain";

    private ApiFixture api;

    @BeforeEach
    void start(@TempDir Path folder) {
        api = ApiFixture.start(folder);
        api.readiness().listenersAccept();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void tellsThatNothingIsDrained() {
        Answer answer = api.operator().get(DRAIN);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("{\"draining\":false}");
    }

    @Test
    void drainsWithoutAWordWhereToAtTheUsualPace() {
        Answer answer = api.operator().post(DRAIN, "{}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text())
                .isEqualTo(
                        "{\"draining\":true,\"moved\":false,\"perSecond\":500,\"clientsLeft\":3}");
        assertThat(api.drain().status())
                .contains(new Status(new Redirection(false, Optional.empty()), 500, 3));
    }

    @Test
    void drainsAsItIsTold() {
        Answer answer =
                api.operator()
                        .post(
                                DRAIN,
                                "{\"serverReference\":\"b.example:1883 [2001:db8::1]:8883\","
                                        + "\"moved\":true,\"perSecond\":20}");

        assertThat(answer.text())
                .isEqualTo(
                        "{\"draining\":true,"
                                + "\"serverReference\":\"b.example:1883 [2001:db8::1]:8883\","
                                + "\"moved\":true,\"perSecond\":20,\"clientsLeft\":3}");
        assertThat(api.operator().get(DRAIN).text()).isEqualTo(answer.text());
    }

    @Test
    void isNotReadyUntilTheDrainEnds() {
        api.operator().post(DRAIN, "{}");
        Answer draining = api.operator().get("/health/ready");
        assertThat(draining.status()).isEqualTo(503);
        assertThat(draining.text())
                .isEqualTo("{\"status\":\"DOWN\",\"notReady\":{\"listeners\":\"draining\"}}");

        assertThat(api.operator().delete(DRAIN).status()).isEqualTo(204);
        assertThat(api.operator().get(DRAIN).text()).isEqualTo("{\"draining\":false}");
        assertThat(api.operator().get("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void endingWhatDoesNotDrainChangesNothing() {
        assertThat(api.operator().delete(DRAIN).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1000001", "1.5", "4294967297", "1e400"})
    void refusesAPaceThatIsNotFromOneToAMillion(String perSecond) {
        ApiFixture.assertProblem(
                api.operator().post(DRAIN, "{\"perSecond\":" + perSecond + "}"),
                400,
                "the field 'perSecond' must be a whole number from 1 to 1000000");
        assertThat(api.drain().status()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b ",
                "a  b",
                "a\\nb",
                "a/b",
                "mqtt://a",
                "\\u0000",
                "ü",
                "a:0",
                "a:65536",
                "a:b:c",
                "a:",
                ":1",
                "::1"
            })
    void refusesAServerReferenceThatIsNone(String reference) {
        ApiFixture.assertProblem(
                api.operator().post(DRAIN, "{\"serverReference\":\"" + reference + "\"}"),
                400,
                "the field 'serverReference' must be host names or addresses");
        assertThat(api.drain().status()).isEmpty();
    }

    @Test
    void refusesAServerReferenceThatIsTooLong() {
        String longest = "a".repeat(1_024);
        assertThat(api.operator().post(DRAIN, reference(longest)).status()).isEqualTo(200);
        ApiFixture.assertProblem(
                api.operator().post(DRAIN, reference(longest + "a")),
                400,
                "at most 1024 characters");
    }

    private static String reference(String text) {
        return "{\"serverReference\":\"" + text + "\"}";
    }

    @Test
    void refusesAFieldThatItDoesNotKnow() {
        ApiFixture.assertProblem(
                api.operator().post(DRAIN, "{\"to\":\"b\"}"),
                400,
                "unknown field 'to'; allowed are serverReference, moved, perSecond");
    }
}
