package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.Hub;
import io.muster.hub.config.ConfigurationLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Does what the first page says, line by line as it is written there, against a hub on ports of its
 * own. A command that changes without its page, or a page without its command, fails here.
 */
class ReadmeTest {

    private static final int NOT_AUTHORIZED = 5;
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Pattern PRINTED = Pattern.compile("THE_PRINTED_([A-Z_]+)");

    private final Path folder;
    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final List<MqttClient> subscribers = new ArrayList<>();
    private Hub hub;
    private Map<String, String> environment;
    private String printed = "";
    private List<String> publishing = List.of();

    ReadmeTest(@TempDir Path parent) {
        this.folder = parent.resolve("data");
    }

    @BeforeEach
    void start() {
        hub =
                Hub.start(
                        ConfigurationLoader.load(
                                        Optional.empty(), Optional.empty(), environment(0, 0))
                                .hub());
        environment = environment(mqttPort(), managementPort());
    }

    private Map<String, String> environment(int mqttPort, int managementPort) {
        return Map.of(
                "MUSTER_DATA",
                folder.toString(),
                "MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS",
                "http://hub.example",
                "MUSTER_LISTENERS",
                "[{name = tcp}]",
                "MUSTER_LISTENERS_0_BIND",
                "127.0.0.1",
                "MUSTER_LISTENERS_0_PORT",
                Integer.toString(mqttPort),
                "MUSTER_MANAGEMENT_PORT",
                Integer.toString(managementPort));
    }

    @AfterEach
    void stop() throws MqttException {
        for (MqttClient subscriber : subscribers) {
            subscriber.disconnect();
            subscriber.close();
        }
        hub.close();
    }

    private int mqttPort() {
        return hub.mqttAddresses().values().stream()
                .map(InetSocketAddress::getPort)
                .findFirst()
                .orElseThrow();
    }

    private int managementPort() {
        return hub.managementAddress().getPort();
    }

    @Test
    void everyLineDoesWhatThePageSays() throws Exception {
        List<String> done = new ArrayList<>();
        for (List<String> command : commands()) {
            run(command);
            String line = String.join(" ", command);
            done.add(command.get(0).equals("./muster") ? line : command.get(0));
            check(done.get(done.size() - 1));
        }
        // Lest this test be content with an empty page.
        assertThat(done)
                .contains(
                        "./muster",
                        "./mvnw",
                        "./muster demo",
                        "./muster product create thermo",
                        "./muster device create thermo dev1",
                        "./muster sign thermo dev1",
                        "mosquitto_pub",
                        "./muster app create backend",
                        "mosquitto_sub",
                        "./muster check",
                        "./muster device disable thermo dev1",
                        "./muster client list",
                        "./muster --help");
    }

    /** What the page promises of a command that was just run. */
    private void check(String command) throws MqttException {
        switch (command) {
            case "./muster demo" -> assertThat(printed).contains("demo/demo-device");
            case "mosquitto_sub" -> {
                Awaitility.await().until(() -> sees("\"state\":\"OFFLINE\""));
                publish();
                Awaitility.await().until(() -> received.contains("thermo/dev1/temperature 21.5"));
            }
            case "./muster device disable thermo dev1" -> {
                Awaitility.await().until(() -> sees("\"state\":\"DISABLED\""));
                assertThatThrownBy(this::publish)
                        .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                        .extracting(MqttException::getReasonCode)
                        .isEqualTo(NOT_AUTHORIZED);
            }
            case "./muster check" ->
                    assertThat(printed).contains("management.port", "MUSTER_MANAGEMENT_PORT");
            case "./muster client list" -> assertThat(printed).contains("app:backend");
            default -> {}
        }
    }

    private boolean sees(String state) {
        return received.stream()
                .anyMatch(
                        line ->
                                line.startsWith("$muster/devices/thermo/dev1/state ")
                                        && line.contains(state));
    }

    /**
     * The indented lines: continued ones joined, comments cut off, in words as a shell sees them.
     */
    private static List<List<String>> commands() throws IOException {
        return Files.readString(Path.of("..", "README.md"))
                .replaceAll("\\\\\n *", "")
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.replaceAll(" +# .*", "").strip())
                .map(line -> WORD.matcher(line).results().map(ReadmeTest::word).toList())
                .toList();
    }

    private static String word(MatchResult match) {
        return match.group(1) != null ? match.group(1) : match.group(2);
    }

    private void run(List<String> command) throws MqttException {
        List<String> arguments =
                command.subList(1, command.size()).stream().map(this::withPrinted).toList();
        switch (command.get(0)) {
            case "./mvnw" -> assertThat(Path.of("..", "mvnw")).isExecutable();
            case "./muster" -> muster(arguments);
            case "mosquitto_pub" -> {
                publishing = arguments;
                publish();
            }
            case "mosquitto_sub" -> {
                MosquittoCommand subscribe = new MosquittoCommand(arguments);
                assertThat(subscribe.port()).isEqualTo(1883);
                subscribers.add(subscribe.subscribe(mqttPort(), received));
            }
            default -> throw new AssertionError("unknown command: " + command);
        }
    }

    private void publish() throws MqttException {
        MosquittoCommand publish = new MosquittoCommand(publishing);
        assertThat(publish.port()).isEqualTo(1883);
        publish.publish(mqttPort());
    }

    private String withPrinted(String word) {
        Matcher placeholder = PRINTED.matcher(word);
        return placeholder.matches() ? printed(placeholder.group(1).replace("_", "")) : word;
    }

    /** What the last command printed in the row of this name. */
    private String printed(String name) {
        return printed.lines()
                .map(line -> line.split(" {2,}", 2))
                .filter(row -> row[0].equalsIgnoreCase(name))
                .map(row -> row[1].strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " was printed"));
    }

    private void muster(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Muster.commandLine(environment, InputStream.nullInputStream(), arguments)
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        if (arguments.isEmpty() || arguments.get(0).equals("start")) {
            // The hub of this test runs already.
            commandLine.parseArgs(arguments.toArray(String[]::new));
            return;
        }
        int exit = commandLine.execute(onThesePorts(arguments).toArray(String[]::new));
        assertThat(exit).as("%s: %s%s", arguments, err, out).isZero();
        printed = out.toString();
    }

    /** The load tester also stands alone, so it does not read the hub's environment. */
    private List<String> onThesePorts(List<String> arguments) {
        if (!arguments.get(0).equals("loadtest")) {
            return arguments;
        }
        List<String> here = new ArrayList<>(arguments);
        here.set(here.indexOf("--duration") + 1, "1");
        here.addAll(
                List.of(
                        "--warmup",
                        "0",
                        "--port",
                        Integer.toString(mqttPort()),
                        "--management",
                        "http://127.0.0.1:" + managementPort(),
                        "--token-file",
                        folder.resolve("operator-token").toString()));
        return here;
    }
}
