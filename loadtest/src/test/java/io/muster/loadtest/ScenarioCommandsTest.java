package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.loadtest.FaultyRelay.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command but {@code pubsub} against a relay over real sockets. */
class ScenarioCommandsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pub --devices 3 --qos 1",
                "pubsub --devices 20 --qos 1",
                "pub --devices 3 --rate 500 --ramp 0.1",
                "fanout --subscribers 4 --qos 2",
                "shared --devices 3 --subscribers 4 --qos 1",
                "shared --devices 2 --subscribers 3 --protocol 5 --rate 500 --threads 2",
                "offline --devices 3 --messages 20",
                "offline --devices 3 --messages 20 --topology fanin --qos 2 --protocol 5",
                "offline --devices 2 --messages 5 --client paho",
                "retained --devices 3 --messages 20 --subscribers 2",
                "retained --devices 3 --messages 20 --qos 2 --protocol 5",
                "retained --devices 2 --messages 5 --client paho",
                "connect --devices 20",
                "connect --devices 20 --connect-rate 200 --connect-ramp 0.05 --subscribe",
                "storm --devices 20 --rounds 3",
                "storm --devices 5 --rounds 2 --client paho"
            })
    void findsNoFaultInARelayThatKeepsItsPromises(String line) throws IOException {
        Outcome outcome = Outcome.runAnonymous(Fault.NONE, line);
        assertThat(outcome.exitCode()).as(outcome.all()).isZero();
        assertThat(outcome.errors()).isEqualTo("{}");
        assertThat(outcome.json().at("/scenario/name").asText()).isEqualTo(line.split(" ", 2)[0]);
        assertThat(outcome.json().at("/window/operations").asLong()).isPositive();
        assertThat(outcome.json().at("/connections/perSecond").asDouble()).isPositive();
    }

    @Test
    void deliversEachMessageToOneMemberOfASharedGroup() throws IOException {
        Outcome outcome =
                Outcome.runAnonymous(Fault.NONE, "shared --devices 2 --subscribers 3 --rate 300");
        assertThat(outcome.count("received")).isPositive().isEqualTo(outcome.count("sent"));
    }

    @ParameterizedTest
    @CsvSource({
        "DROP, lost, shared --devices 2 --subscribers 3 --qos 1 --rate 1000",
        "DUPLICATE, duplicates, shared --devices 2 --subscribers 3 --qos 2 --rate 1000",
        "DROP, lost, offline --devices 2 --messages 50",
        "REORDER, outOfOrder, offline --devices 1 --messages 50",
        "DROP, lost, retained --devices 2 --messages 50",
        "UNFLAGGED, unflagged, retained --devices 2 --messages 5",
        "NO_ACKNOWLEDGEMENT, unacknowledged, pub --devices 2 --qos 1"
    })
    void noticesWhatARelayDoesWrong(Fault fault, String count, String line) throws IOException {
        Outcome outcome = Outcome.runAnonymous(fault, line);
        assertThat(outcome.exitCode()).as(outcome.all()).isEqualTo(1);
        assertThat(outcome.count(count)).isPositive();
    }

    @Test
    void noticesSessionsThatWereForgotten() throws IOException {
        Outcome outcome = Outcome.runAnonymous(Fault.FORGET, "offline --devices 2 --messages 5");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.brokenPromises())
                .contains("2 sessions were forgotten", "10 messages were lost at QoS 1");
    }

    @Test
    void leavesNothingBehindInTheBroker() {
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            Outcome.runQuick(relay, "offline --anonymous --devices 3 --messages 5");
            Outcome.runQuick(relay, "retained --anonymous --devices 3 --messages 5");
            assertThat(relay.keptCount()).isZero();
            assertThat(relay.retainedCount()).isZero();
        }
    }

    @Test
    void countsEachConnectionOfAStorm() throws IOException {
        Outcome outcome = Outcome.runAnonymous(Fault.NONE, "storm --devices 10 --rounds 4");
        assertThat(outcome.json().at("/connections/attempted").asLong()).isEqualTo(40);
        assertThat(outcome.json().at("/window/operations").asLong()).isEqualTo(40);
        assertThat(outcome.json().at("/latency/samples").asLong()).isEqualTo(40);
    }

    @Test
    void connectsNoFasterThanTheRate() throws IOException {
        Outcome outcome =
                Outcome.runAnonymous(Fault.NONE, "connect --devices 21 --connect-rate 100");
        assertThat(outcome.json().at("/connections/perSecond").asDouble()).isLessThan(106);
        assertThat(outcome.json().at("/latency/meaning").asText()).contains("connection was due");
    }

    @Test
    void blamesABrokerThatIsSlowerThanWhatWasAskedFor() throws IOException {
        Outcome slow =
                Outcome.runAnonymous(
                        Fault.STALL, "pubsub --devices 1 --qos 1 --rate 400 --max-p99 10");
        assertThat(slow.exitCode()).isEqualTo(1);
        assertThat(slow.brokenPromises()).contains("more than --max-p99 10");
        Outcome unmeasured = Outcome.runAnonymous(Fault.NONE, "pub --devices 1 --max-p99 10");
        assertThat(unmeasured.brokenPromises()).contains("no latency was measured");
        Outcome late = Outcome.runAnonymous(Fault.NONE, "connect --devices 5 --within 0");
        assertThat(late.exitCode()).isEqualTo(1);
        assertThat(late.brokenPromises()).contains("more than --within 0");
    }

    @Test
    void subscribesToWhatAnotherLoadTesterPublishes() throws IOException {
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            CompletableFuture<Outcome> subscriber =
                    CompletableFuture.supplyAsync(
                            () -> Outcome.runQuick(relay, "sub --anonymous --subscribers 2"));
            Outcome publisher =
                    Outcome.run(
                            List.of(
                                    ("pub --anonymous --devices 2 --rate 500 --warmup 0 --duration 1 --json --port "
                                                    + relay.port())
                                            .split(" ", -1)));
            Outcome outcome = subscriber.join();
            assertThat(publisher.exitCode()).as(publisher.all()).isZero();
            assertThat(outcome.exitCode()).as(outcome.all()).isZero();
            assertThat(outcome.count("received")).isPositive();
            assertThat(outcome.count("lost")).isZero();
            assertThat(outcome.json().at("/latency/maxMicros").asDouble()).isPositive();
        }
    }

    @Test
    void fillsATemplate(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("payload"),
                        "{\"device\":\"${device}\",\"stamp\":\"${stamp}\",\"at\":${timestamp}}");
        Outcome outcome =
                Outcome.runAnonymous(
                        Fault.NONE, "pubsub --devices 2 --qos 1 --rate 500 --payload-file " + file);
        assertThat(outcome.exitCode()).as(outcome.all()).isZero();
        assertThat(outcome.count("received")).isPositive().isEqualTo(outcome.count("sent"));
    }

    @Test
    void writesThePageThatWasAskedFor(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("report.html");
        Outcome.runAnonymous(Fault.NONE, "pubsub --devices 2 --html " + page);
        assertThat(page).content().contains("Load test: pubsub", "</html>");
        Outcome wrong =
                Outcome.runAnonymous(Fault.NONE, "pubsub --html " + folder.resolve("no/where"));
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("cannot be written");
    }

    @Test
    void namesItsCommandsWhenNoneIsNamed() {
        Outcome outcome = Outcome.run(List.of());
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("name one of the commands: pubsub, pub, sub");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "offline --qos 0; --qos must be from 1 to 2, not 0",
                "retained --messages 0; --messages must be from 1",
                "storm --rounds 0; --rounds must be from 1",
                "connect --devices 0 --at-once 0; --at-once must be from 1",
                "connect --connect-ramp 1; --connect-ramp needs --connect-rate",
                "pubsub --ramp 1; --ramp needs --rate",
                "pubsub --payload x; a payload template needs ${stamp}",
                "pub --payload ${y}; a payload template has no variable ${y}",
                "pub --payload x --payload-file y; exclude each other",
                "pub --path mqtt; --path must begin with /",
                "pub --client paho --tls; --client paho knows no --path, --tls",
                "pub --save-devices x; --save-devices is for devices that the management API creates"
            })
    void namesTheOptionThatIsWrong(String line, String sentence) {
        Outcome outcome = Outcome.run(Arrays.asList((line + " --anonymous").split(" ", -1)));
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains(sentence);
    }
}
