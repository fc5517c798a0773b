package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.FaultyRelay.Fault;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import picocli.CommandLine;

/** The whole load tester against a relay over real sockets. */
class LoadTestCommandTest {

    private final Path folder;

    LoadTestCommandTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private record Result(int exitCode, String out, String err) {

        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }

        long count(String name) throws IOException {
            return json().path("counts").path(name).asLong(-1);
        }

        String errors() throws IOException {
            return json().path("errors").toString();
        }
    }

    private static Result run(List<String> arguments) {
        return run(new LoadTestCommand(), arguments.toArray(String[]::new));
    }

    private static Result run(LoadTestCommand command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                new CommandLine(command)
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(arguments);
        return new Result(exitCode, out.toString(), err.toString());
    }

    private static Result runQuick(FaultyRelay relay, String options) {
        List<String> arguments = new ArrayList<>(List.of(options.split(" ", -1)));
        arguments.addAll(
                List.of(
                        "--port",
                        "" + relay.port(),
                        "--warmup",
                        "0.05",
                        "--duration",
                        "0.25",
                        "--patience",
                        "0.3",
                        "--json"));
        return run(arguments);
    }

    private static Result runAnonymous(Fault fault, String options) {
        try (FaultyRelay relay = new FaultyRelay(fault)) {
            return runQuick(relay, "--anonymous " + options);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--topology p2p --devices 5 --qos 0",
        "--topology p2p --devices 5 --qos 1 --threads 2",
        "--topology p2p --devices 5 --qos 2",
        "--topology p2p --devices 5 --qos 2 --protocol 5",
        "--topology fanin --devices 5 --subscribers 2 --qos 1 --protocol 5",
        "--topology fanout --devices 3 --subscribers 5 --qos 1",
        "--topology p2p --devices 3 --qos 1 --rate 500",
        "--topology fanin --devices 7 --qos 0 --rate 1000 --threads 2",
        "--topology p2p --devices 3 --qos 0 --client paho --rate 200",
        "--topology p2p --devices 3 --qos 1 --client paho",
        "--topology fanin --devices 3 --qos 2 --client paho --rate 200",
    })
    void findsNoFaultInARelayThatKeepsItsPromises(String options) throws IOException {
        Result result = runAnonymous(Fault.NONE, options);
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
        Result result =
                runAnonymous(
                        Fault.NONE, "--topology fanout --devices 1 --subscribers 4 --rate 200");
        assertThat(result.count("received")).isEqualTo(4 * result.count("sent"));
    }

    @Test
    void sendsAtTheRateThatWasAskedFor() throws IOException {
        Result result = runAnonymous(Fault.NONE, "--devices 3 --rate 300");
        // 0.3 seconds of load, warm-up included.
        assertThat(result.count("sent") + result.json().path("window").path("behind").asLong())
                .isBetween(90L, 92L);
    }

    @Test
    void publishesWithoutAnySubscriber() throws IOException {
        Result result = runAnonymous(Fault.NONE, "--devices 2 --subscribers 0 --qos 1");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("sent")).isPositive();
        assertThat(result.count("received")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--qos 1", "--qos 2", "--qos 1 --rate 1000", "--qos 1 --client paho"})
    void noticesLostMessages(String options) throws IOException {
        Result result = runAnonymous(Fault.DROP, "--devices 2 " + options);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("lost"))
                .isPositive()
                .isEqualTo(result.count("sent") - result.count("received"));
        assertThat(result.json().path("brokenPromises").toString()).contains("were lost at QoS");
    }

    @Test
    void forgivesLossAtQos0ButCountsIt() throws IOException {
        Result result = runAnonymous(Fault.DROP, "--devices 2 --qos 0 --rate 1000");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("lost")).isPositive();
    }

    @Test
    void goesOnWhenLostMessagesHaveFilledTheWindow() throws IOException {
        try (FaultyRelay relay = new FaultyRelay(Fault.DROP)) {
            // One in 50 is lost, so a window of 1 closes after 50 messages, until patience ends.
            Result result =
                    run(
                            List.of(
                                    "--anonymous --devices 1 --window 1 --json --warmup 0 --duration 1 --patience 0.1 --port "
                                            .concat("" + relay.port())
                                            .split(" ", -1)));
            assertThat(result.count("lost")).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 1"})
    void noticesDuplicatesAndBlamesThemAtQos2(int qos, int exitCode) throws IOException {
        Result result = runAnonymous(Fault.DUPLICATE, "--devices 2 --rate 1000 --qos " + qos);
        assertThat(result.exitCode()).isEqualTo(exitCode);
        assertThat(result.count("duplicates")).isPositive();
        assertThat(result.count("outOfOrder")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--client netty", "--client paho"})
    void noticesMessagesOutOfOrder(String options) throws IOException {
        Result result = runAnonymous(Fault.REORDER, "--devices 1 --qos 1 --rate 1000 " + options);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("outOfOrder")).isPositive();
        assertThat(result.count("duplicates")).isZero();
    }

    @Test
    void noticesMessagesForSomebodyElse() throws IOException {
        Result result = runAnonymous(Fault.MISROUTE, "--devices 2 --rate 500");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("misrouted")).isPositive();
    }

    @Test
    void ignoresMessagesOfOthers() throws IOException {
        Result result = runAnonymous(Fault.FOREIGN, "--devices 2 --rate 500 --qos 2");
        assertThat(result.exitCode()).isZero();
        assertThat(result.count("foreign")).isPositive();
        assertThat(result.count("received")).isEqualTo(result.count("sent"));
    }

    @Test
    void noticesMessagesThatAreNeverAcknowledged() throws IOException {
        Result result = runAnonymous(Fault.NO_ACKNOWLEDGEMENT, "--devices 2 --qos 1 --window 5");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.count("unacknowledged")).isEqualTo(10);
    }

    @Test
    void noticesLostConnections() throws IOException {
        Result result = runAnonymous(Fault.DISCONNECT, "--devices 1 --qos 1 --rate 1000");
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
            Result result = runQuick(relay, "--anonymous --devices 2 " + options);
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
            Result result =
                    runQuick(relay, "--anonymous --devices 1 --topology fanout --subscribers 5");
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
        Result result =
                runAnonymous(
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
        Result result =
                runAnonymous(Fault.STALL, "--devices 1 --qos 1 --window 1 --rate 400 " + options);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        JsonNode latency = result.json().path("latency");
        double pauseMicros = TimeUnit.MILLISECONDS.toMicros(FaultyRelay.PAUSE_MILLIS);
        assertThat(latency.path("p50Micros").asDouble()).isGreaterThan(0.1 * pauseMicros);
        assertThat(latency.path("p90Micros").asDouble()).isGreaterThan(0.5 * pauseMicros);
        assertThat(latency.path("maxMicros").asDouble()).isGreaterThan(0.9 * pauseMicros);
    }

    @Test
    void saysWhatABrokerSentThatOnlyClientsSend() throws IOException {
        Result result = runAnonymous(Fault.WRONG_PACKET, "--devices 1 --rate 1000");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).contains("the broker sent PINGREQ, which only clients send");
    }

    @Test
    void saysThatABrokerSentAMalformedPacket() throws IOException {
        Result result = runAnonymous(Fault.MALFORMED, "--devices 1 --rate 1000");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors())
                .contains("the broker sent a malformed packet", "shorter than its fields say");
    }

    @Test
    void usesTheHubOfItsEmbedderUnlessAnOptionSaysOtherwise() throws IOException {
        Path token = folder.resolve("operator-token");
        AtomicInteger asked = new AtomicInteger();
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            Supplier<LoadTestCommand.Hub> hub =
                    () -> {
                        asked.incrementAndGet();
                        return new LoadTestCommand.Hub(
                                "127.0.0.1", relay.port(), URI.create("http://127.0.0.1:9"), token);
                    };
            String quick = "--warmup 0 --duration 0.1 --patience 0.1 --json";
            assertThat(
                            run(new LoadTestCommand(hub), ("--anonymous " + quick).split(" ", -1))
                                    .exitCode())
                    .isZero();
            assertThat(relay.signIns()).isNotEmpty();
            Result refused = run(new LoadTestCommand(hub), quick.split(" ", -1));
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains(token.toString());
            int before = asked.get();
            run(
                    new LoadTestCommand(hub),
                    ("--anonymous --host 127.0.0.1 --port " + relay.port() + " " + quick)
                            .split(" ", -1));
            assertThat(asked).hasValue(before);
        }
    }

    @Test
    void exitsWith1WhenTheManagementApiCannotBeReached() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "operator\n");
        Result result =
                run(
                        List.of(
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
        Result result =
                run(
                        List.of(
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
        Result result = runAnonymous(Fault.REFUSE_SUBSCRIPTION, "--devices 1");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors()).contains("subscription refused (SUBACK 128)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"netty", "paho"})
    void saysThatTheBrokerCannotBeReached(String client) throws IOException {
        FaultyRelay relay = new FaultyRelay(Fault.NONE);
        relay.close();
        Result result = runQuick(relay, "--anonymous --devices 1 --client " + client);
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
            Result result =
                    runQuick(
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
        Result result =
                runAnonymous(
                        Fault.NONE, "--devices 2 --broker-pid " + ProcessHandle.current().pid());
        JsonNode broker = result.json().at("/processes/broker");
        assertThat(broker.path("cpuSeconds").asDouble()).isPositive();
        assertThat(broker.path("cpuMicrosPerReceived").asDouble()).isPositive();
        assertThat(broker.path("residentBytes").asLong()).isGreaterThan(1_000_000);
    }

    @Test
    void printsProgressEachSecondAndAReportForPeople() {
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            String options =
                    "--anonymous --devices 2 --rate 100 --warmup 0 --duration 1.2 --patience 0.3 --port ";
            Result result = run(Arrays.asList((options + relay.port()).split(" ", -1)));
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
                "--topology ring; must be one of [p2p, fanin, fanout], not 'ring'",
                "--client telnet; must be one of [netty, paho], not 'telnet'",
                "--client paho --protocol 5; --client paho speaks --protocol 3.1.1 only",
                "--client paho --devices 400; --client paho takes at most 500",
                "--devices 3 --subscribers 2; must be 0 or as many as --devices (3)",
                "--broker-pid 999999999; --broker-pid 999999999 is not a process",
                "--devices-file /nowhere; --anonymous and --devices-file exclude each other",
                "--unknown; Unknown option: '--unknown'"
            })
    void namesTheOptionThatIsWrong(String options, String sentence) {
        Result result = run(Arrays.asList(("--anonymous " + options).split(" ", -1)));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(sentence);
    }

    @Test
    void saysThatTheTokenFileIsMissing() {
        Path missing = folder.resolve("token");
        Result result = run(List.of("--token-file", missing.toString()));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("--token-file " + missing + " cannot be read");
    }

    @Test
    void saysThatADevicesFileNeedsAnAccount() throws IOException {
        Path file = Files.writeString(folder.resolve("devices"), "pk1\tdev1\tdsecret1\n");
        Result result = run(List.of("--devices-file", file.toString(), "--devices", "1"));
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("needs --app-username and --app-password");
    }
}
