package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.loadtest.FaultyRelay.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two relays compared over real sockets. */
class CompareCommandTest {

    private static final String SHORT = " --warmup 0 --duration 0.4 --patience 1.5";

    private static Outcome compare(
            FaultyRelay first, FaultyRelay second, String... scenariosAndOptions) {
        List<String> arguments = new ArrayList<>(List.of("compare"));
        arguments.addAll(Arrays.asList(scenariosAndOptions));
        arguments.add("one=127.0.0.1:%d,%d".formatted(first.port(), ProcessHandle.current().pid()));
        arguments.add(
                "two=127.0.0.1:%d,%d".formatted(second.port(), ProcessHandle.current().pid()));
        return Outcome.run(arguments);
    }

    @Test
    void givesFiguresOfEachBrokerAndRatiosToTheFirst() throws IOException {
        try (FaultyRelay first = new FaultyRelay(Fault.NONE);
                FaultyRelay second = new FaultyRelay(Fault.NONE)) {
            Outcome outcome =
                    compare(
                            first,
                            second,
                            "--json",
                            "--rounds",
                            "2",
                            "--scenario",
                            "pubsub --devices 2 --rate 500 --qos 1" + SHORT,
                            "--scenario",
                            "storm --devices 3 --rounds 2");
            assertThat(outcome.exitCode()).as(outcome.all()).isZero();
            JsonNode json = outcome.json();
            assertThat(json.path("rounds").asInt()).isEqualTo(2);
            assertThat(json.path("contests")).hasSize(2);
            JsonNode two = json.at("/contests/0/results/1");
            assertThat(two.path("name").asText()).isEqualTo("two");
            assertThat(two.path("figures").findValuesAsText("metric"))
                    .containsExactly("RATE", "BROKER_CPU", "GENERATOR_CPU", "P99", "MEMORY");
            JsonNode rate = two.path("figures").get(0);
            assertThat(rate.at("/value/median").asDouble()).isBetween(300.0, 600.0);
            assertThat(rate.at("/ratio/min").asDouble()).isBetween(0.3, 3.0);
            assertThat(rate.at("/ratio/max").asDouble()).isBetween(0.3, 3.0);
            assertThat(json.at("/contests/0/results/0/figures/0/ratio").isNull()).isTrue();
        }
    }

    @Test
    void runsBrokersInTurnAndTheOtherWayRoundInEverySecondRound() {
        try (FaultyRelay first = new FaultyRelay(Fault.NONE);
                FaultyRelay second = new FaultyRelay(Fault.NONE)) {
            Outcome outcome =
                    compare(
                            first,
                            second,
                            "--rounds",
                            "1",
                            "--scenario",
                            "connect --devices 2 --duration 0.1");
            assertThat(outcome.err().lines())
                    .containsExactly(
                            "round 1 of 2 (warm-up)  one  connect --devices 2 --duration 0.1",
                            "round 1 of 2 (warm-up)  two  connect --devices 2 --duration 0.1",
                            "round 2 of 2  two  connect --devices 2 --duration 0.1",
                            "round 2 of 2  one  connect --devices 2 --duration 0.1");
            assertThat(outcome.out()).contains("operations/s", "medians of 1 rounds", " x ");
        }
    }

    @Test
    void saysWhichBrokerBrokeAPromise() {
        try (FaultyRelay first = new FaultyRelay(Fault.NONE);
                FaultyRelay second = new FaultyRelay(Fault.DROP)) {
            Outcome outcome =
                    compare(
                            first,
                            second,
                            "--rounds",
                            "1",
                            "--warmup-rounds",
                            "0",
                            "--scenario",
                            "pubsub --devices 2 --qos 1" + SHORT);
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.out())
                    .containsPattern("two +BROKEN \\d+ messages were lost at QoS 1")
                    .doesNotContainPattern("one +BROKEN");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a=h:1; b; a broker must be NAME=HOST:PORT or NAME=HOST:PORT,PID, not 'b'",
                "a=h:1; a=h:2; each broker needs a name of its own",
                "--rounds=0 a=h:1; b=h:2; --rounds must be from 1 to 1000",
                "--sign-in=c a=h:1; b=h:2; --sign-in must name one of the brokers",
                "--scenario=pub|--qos|7 a=h:1; b=h:2; --scenario 'pub --qos 7': --qos must be from 0",
                "--scenario=compare a=h:1; b=h:2; --scenario 'compare'",
                "--scenario=pub|--none a=h:1; b=h:2; Unknown option: '--none'"
            })
    void namesWhatIsWrong(String first, String second, String sentence) {
        List<String> arguments = new ArrayList<>(List.of("compare"));
        for (String argument : first.split(" ", -1)) {
            arguments.add(argument.replace('|', ' '));
        }
        arguments.add(second);
        Outcome outcome = Outcome.run(arguments);
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains(sentence);
    }
}
