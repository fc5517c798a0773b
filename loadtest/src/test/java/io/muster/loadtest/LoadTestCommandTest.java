package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.loadtest.FaultyRelay.Fault;
import io.muster.loadtest.fleet.Hub;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole load tester against a relay over real sockets. */
class LoadTestCommandTest {

    private final Path folder;

    LoadTestCommandTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @CsvSource({
        "--topology p2p --devices 5 --qos 0",
        "--topology p2p --devices 5 --qos 1 --threads 2",
        "--topology p2p --devices 5 --qos 2",
        "--topology p2p --devices 5 --qos 2 --protocol 5",
        "--topology fanin --devices 5 --subscribers 2 --qos 1 --protocol 5",
        "fanout --devices 3 --subscribers 5 --qos 1",
        "--topology p2p --devices 3 --qos 1 --rate 500",
        "--topology fanin --devices 7 --qos 0 --rate 1000 --threads 2",
        "--topology p2p --devices 3 --qos 0 --client paho --rate 200",
        "--topology p2p --devices 3 --qos 1 --client paho",
        "--topology fanin --devices 3 --qos 2 --client paho --rate 200",
    })
    void findsNoFaultInARelayThatKeepsItsPromises(String options) throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.NONE, options);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.json().path("allPromisesKept").asBoolean()).isTrue();
        assertThat(result.count("sent")).isPositive();
        assertThat(result.count("lost")).isZero();
        assertThat(result.count("unacknowledged")).isZero();
        assertThat(result.errors()).isEqualTo("{}");
        assertThat(result.json().path("latency").path("samples").asLong()).isPositive();
        assertThat(result.json().path("latency").path("maxMicros").asDouble()).isPositive();
    }

    @Test
    void deliversEachMessageOfAFanOutToAllSubscribers() throws IOException {
        Outcome result =
                Outcome.runAnonymous(Fault.NONE, "fanout --devices 1 --subscribers 4 --rate 200");
        assertThat(result.count("received")).isEqualTo(4 * result.count("sent"));
    }

    @Test
    void sendsAtTheRateThatWasAskedFor() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.NONE, "--devices 3 --rate 300");
        // 0.3 seconds of load, warm-up included.
        assertThat(result.count("sent") + result.json().path("window").path("behind").asLong())
                .isBetween(90L, 92L);
    }

    @Test
    void publishesWithoutAnySubscriber() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.NONE, "pub --devices 2 --qos 1");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("sent")).isPositive();
        assertThat(result.count("received")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--qos 1", "--qos 2", "--qos 1 --rate 1000", "--qos 1 --client paho"})
    void noticesLostMessages(String options) throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.DROP, "--devices 2 " + options);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("lost"))
                .isPositive()
                .isEqualTo(result.count("sent") - result.count("received"));
        assertThat(result.json().path("brokenPromises").toString()).contains("were lost at QoS");
    }

    @Test
    void forgivesLossAtQos0ButCountsIt() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.DROP, "--devices 2 --qos 0 --rate 1000");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("lost")).isPositive();
    }

    @Test
    void goesOnWhenLostMessagesHaveFilledTheWindow() throws IOException {
        try (FaultyRelay relay = new FaultyRelay(Fault.DROP)) {
            // One in 50 is lost, so a window of 1 closes after 50 messages, until patience ends.
            Outcome result =
                    Outcome.run(
                            List.of(
                                    "pubsub --anonymous --devices 1 --window 1 --json --warmup 0 --duration 1 --patience 0.1 --port "
                                            .concat("" + relay.port())
                                            .split(" ", -1)));
            assertThat(result.count("lost")).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 1"})
    void noticesDuplicatesAndBlamesThemAtQos2(int qos, int exitCode) throws IOException {
        Outcome result =
                Outcome.runAnonymous(Fault.DUPLICATE, "--devices 2 --rate 1000 --qos " + qos);
        assertThat(result.exitCode()).isEqualTo(exitCode);
        assertThat(result.count("duplicates")).isPositive();
        assertThat(result.count("outOfOrder")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--client netty", "--client paho"})
    void noticesMessagesOutOfOrder(String options) throws IOException {
        Outcome result =
                Outcome.runAnonymous(Fault.REORDER, "--devices 1 --qos 1 --rate 1000 " + options);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("outOfOrder")).isPositive();
        assertThat(result.count("duplicates")).isZero();
    }

    @Test
    void noticesMessagesForSomebodyElse() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.MISROUTE, "--devices 2 --rate 500");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("misrouted")).isPositive();
    }

    @Test
    void ignoresMessagesOfOthers() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.FOREIGN, "--devices 2 --rate 500 --qos 2");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("foreign")).isPositive();
        assertThat(result.count("received")).isEqualTo(result.count("sent"));
    }

    @Test
    void noticesMessagesThatAreNeverAcknowledged() throws IOException {
        Outcome result =
                Outcome.runAnonymous(Fault.NO_ACKNOWLEDGEMENT, "--devices 2 --qos 1 --window 5");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("unacknowledged")).isEqualTo(10);
    }

    @Test
    void noticesLostConnections() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.DISCONNECT, "--devices 1 --qos 1 --rate 1000");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).contains("a device lost its connection: closed by the broker");
    }

    @ParameterizedTest
    @CsvSource({
        "--client netty, not authorized (CONNACK 5)",
        "--client paho, Not authorized to connect (CONNACK 5)"
    })
    void saysWhyASignInWasRefused(String options, String reason) throws IOException {
        try (FaultyRelay relay =
                new FaultyRelay(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED)) {
            Outcome result = Outcome.runQuick(relay, "--anonymous --devices 2 " + options);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.errors()).contains("sign-in refused: " + reason);
            assertThat(result.json().at("/connections/failed").asLong()).isEqualTo(4);
            assertThat(result.json().at("/window/behind").asLong()).isZero();
        }
    }

    @Test
    void signsTheFirstSubscriberInBeforeTheOthersSoThatItsPasswordIsHashedOnce()
            throws IOException {
        try (FaultyRelay relay = new FaultyRelay(Fault.LATE_SUBSCRIPTION)) {
            Outcome result =
                    Outcome.runQuick(relay, "fanout --anonymous --devices 1 --subscribers 5");
            assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
            List<Long> times = relay.signIns().stream().map(FaultyRelay.SeenSignIn::nanos).toList();
            assertThat(times.get(1) - times.get(0))
                    .isGreaterThanOrEqualTo(
                            TimeUnit.MILLISECONDS.toNanos(FaultyRelay.PAUSE_MILLIS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--client netty", "--protocol 5", "--client paho"})
    void publishesNothingBeforeTheLastSubscriberHears(String options) throws IOException {
        Outcome result =
                Outcome.runAnonymous(
                        Fault.LATE_SUBSCRIPTION,
                        "--topology fanin --devices 2 --subscribers 3 --qos 1 --rate 300 "
                                + options);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.count("received")).isPositive().isEqualTo(3 * result.count("sent"));
    }

    /**
     * With one message outstanding a stall holds back one sending only; a clock that started at the
     * sending would find one slow message in a hundred.
     */
    @ParameterizedTest
    @ValueSource(strings = {"--client netty", "--client paho"})
    void letsAllMessagesThatWereDueDuringAStallPayForIt(String options) throws IOException {
        Outcome result =
                Outcome.runAnonymous(
                        Fault.STALL, "--devices 1 --qos 1 --window 1 --rate 400 " + options);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        JsonNode latency = result.json().path("latency");
        double pauseMicros = TimeUnit.MILLISECONDS.toMicros(FaultyRelay.PAUSE_MILLIS);
        assertThat(latency.path("p50Micros").asDouble()).isGreaterThan(0.1 * pauseMicros);
        assertThat(latency.path("p90Micros").asDouble()).isGreaterThan(0.5 * pauseMicros);
        assertThat(latency.path("maxMicros").asDouble()).isGreaterThan(0.9 * pauseMicros);
    }

    @Test
    void saysWhatABrokerSentThatOnlyClientsSend() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.WRONG_PACKET, "--devices 1 --rate 1000");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).contains("the broker sent PINGREQ, which only clients send");
    }

    @Test
    void saysThatABrokerSentAMalformedPacket() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.MALFORMED, "--devices 1 --rate 1000");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors())
                .contains("the broker sent a malformed packet", "shorter than its fields say");
    }

    @Test
    void usesTheHubOfItsEmbedderUnlessAnOptionSaysOtherwise() throws IOException {
        Path token = folder.resolve("operator-token");
        AtomicInteger asked = new AtomicInteger();
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            Supplier<Hub> hub =
                    () -> {
                        asked.incrementAndGet();
                        return new Hub(
                                "127.0.0.1", relay.port(), URI.create("http://127.0.0.1:9"), token);
                    };
            String quick = "pubsub --warmup 0 --duration 0.1 --patience 0.1 --json";
            assertThat(
                            Outcome.run(
                                            new LoadTestCommand(hub),
                                            (quick + " --anonymous").split(" ", -1))
                                    .exitCode())
                    .isZero();
            assertThat(relay.signIns()).isNotEmpty();
            Outcome refused = Outcome.run(new LoadTestCommand(hub), quick.split(" ", -1));
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains(token.toString());
            int before = asked.get();
            Outcome.run(
                    new LoadTestCommand(hub),
                    (quick + " --anonymous --host 127.0.0.1 --port " + relay.port())
                            .split(" ", -1));
            assertThat(asked).hasValue(before);
        }
    }

    @Test
    void exitsWith1WhenTheManagementApiCannotBeReached() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "operator\n");
        Outcome result =
                Outcome.run(
                        List.of(
                                "pubsub",
                                "--token-file",
                                token.toString(),
                                "--management",
                                "http://127.0.0.1:9"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("http://127.0.0.1:9 cannot be reached: nobody listens");
    }

    @Test
    void namesTheBadLineOfADevicesFile() throws IOException {
        Path file = Files.writeString(folder.resolve("devices"), "a\tb\tc\n\na b topsecret\n");
        Outcome result =
                Outcome.run(
                        List.of(
                                "pubsub",
                                "--devices-file",
                                file.toString(),
                                "--devices",
                                "2",
                                "--subscribers",
                                "0",
                                "--topology",
                                "fanin"));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(file + " line 3 must be").doesNotContain("topsecret");
    }

    @Test
    void saysThatASubscriptionWasRefused() throws IOException {
        Outcome result = Outcome.runAnonymous(Fault.REFUSE_SUBSCRIPTION, "--devices 1");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).contains("subscription refused (SUBACK 128)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"netty", "paho"})
    void saysThatTheBrokerCannotBeReached(String client) throws IOException {
        FaultyRelay relay = new FaultyRelay(Fault.NONE);
        relay.close();
        Outcome result = Outcome.runQuick(relay, "--anonymous --devices 1 --client " + client);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.json().path("connections").path("failed").asLong()).isEqualTo(2);
        assertThat(result.errors()).isNotEqualTo("{}");
    }

    @Test
    void signsInWithTheSecretsOfAFile() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("devices"), "pk1\tdev1\tdsecret1\n\npk2\tdev2\ts\n");
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            Outcome result =
                    Outcome.runQuick(
                            relay,
                            "--devices 2 --topology fanin --rate 100 --app-username app --app-password secret --devices-file "
                                    + file);
            assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
            assertThat(result.out() + result.err()).doesNotContain("secret");
            assertThat(relay.signIns())
                    .anySatisfy(
                            seen -> {
                                assertThat(seen.username()).isEqualTo("app");
                                assertThat(seen.password()).isEqualTo("secret");
                            })
                    .anySatisfy(
                            seen -> {
                                assertThat(seen.username()).isEqualTo("dev1&pk1");
                                assertThat(seen.clientId()).startsWith("dev1|securemode=2,");
                                assertThat(seen.password()).matches("[0-9a-f]{64}");
                            });
        }
    }

    @Test
    void accountsForTheBrokersProcess() throws IOException {
        Outcome result =
                Outcome.runAnonymous(
                        Fault.NONE, "--devices 2 --broker-pid " + ProcessHandle.current().pid());
        JsonNode broker = result.json().at("/processes/broker");
        assertThat(broker.path("cpuSeconds").asDouble()).isPositive();
        assertThat(broker.path("cpuMicrosPerOperation").asDouble()).isPositive();
        assertThat(broker.path("residentBytes").asLong()).isGreaterThan(1_000_000);
    }

    @Test
    void printsProgressEachSecondAndAReportForPeople() {
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            String options =
                    "pubsub --anonymous --devices 2 --rate 100 --warmup 0 --duration 1.2 --patience 0.3 --port ";
            Outcome result = Outcome.run(Arrays.asList((options + relay.port()).split(" ", -1)));
            assertThat(result.out())
                    .contains("measured", "connected 4", "from the time each message was due")
                    .containsPattern("promises +all kept");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--qos 3; --qos must be from 0 to 2, not 3",
                "--devices 0; --devices must be from 1",
                "--payload-size 27; --payload-size must be from 28",
                "--rate -1; --rate must be from 0",
                "--window 0; --window must be from 1",
                "--duration 0; --duration must be from 0.1",
                "--patience 0; --patience must be from 0.1",
                "--warmup NaN; --warmup must be from",
                "--port 0; --port must be from 1 to 65535",
                "--protocol 4; --protocol must be 3.1.1 or 5",
                "--threads 0; --threads must be from 1 to 64",
                "--topology ring; must be one of [p2p, fanin], not 'ring'",
                "--client telnet; must be one of [netty, paho], not 'telnet'",
                "--client paho --protocol 5; --client paho speaks --protocol 3.1.1 only",
                "--client paho --devices 400; --client paho takes at most 500",
                "--devices 3 --subscribers 2; must be 0 or as many as --devices (3)",
                "--broker-pid 999999999; --broker-pid 999999999 is not a process",
                "--devices-file /nowhere; --anonymous and --devices-file exclude each other",
                "--unknown; Unknown option: '--unknown'"
            })
    void namesTheOptionThatIsWrong(String options, String sentence) {
        Outcome result =
                Outcome.run(Arrays.asList(("pubsub --anonymous " + options).split(" ", -1)));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(sentence);
    }

    @Test
    void saysThatTheTokenFileIsMissing() {
        Path missing = folder.resolve("token");
        Outcome result = Outcome.run(List.of("pubsub", "--token-file", missing.toString()));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("--token-file " + missing + " cannot be read");
    }

    @Test
    void saysThatADevicesFileNeedsAnAccount() throws IOException {
        Path file = Files.writeString(folder.resolve("devices"), "pk1\tdev1\tdsecret1\n");
        Outcome result =
                Outcome.run(List.of("pubsub", "--devices-file", file.toString(), "--devices", "1"));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("needs --app-username and --app-password");
    }
}
