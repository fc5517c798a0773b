package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts the hub as a process of its own, as {@code ./muster} does. */
@Timeout(120)
class StartTest {

    @TempDir private Path folder = Path.of("");
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void startsShowsAMessageGoingThroughAndStopsCleanly() throws Exception {
        Map<String, String> environment = environment("json");
        Process hub = start(environment);
        List<String> said = untilReady(hub);
        assertThat(said)
                .anyMatch(line -> line.startsWith("MQTT "))
                .anyMatch(line -> line.startsWith("Management "))
                .anyMatch(line -> line.contains("mosquitto_sub -h 127.0.0.1 -p "))
                .anyMatch(line -> line.contains("mosquitto_pub -h 127.0.0.1 -p "))
                .anyMatch(line -> line.endsWith(" demo"));

        CommandRun demo = CommandRun.of(environment, "", "demo");
        assertThat(demo.err()).isEmpty();
        assertThat(demo.out())
                .contains("the application received {", "\"ONLINE\"", "the message went through");
        assertThat(demo.exitCode()).isZero();
        assertThat(CommandRun.of(environment, "", "demo", "--json").out())
                .contains("\"received\":true", "\"online\":true");

        // SIGTERM; the exit code would be 143 if it were left to the JVM.
        hub.toHandle().destroy();
        assertThat(hub.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(hub.exitValue()).isZero();
        assertThat(reader(hub).lines()).containsExactly("muster stopped");
        for (String line : Files.readAllLines(folder.resolve("log"))) {
            assertThat(new ObjectMapper().readTree(line).path("level").asText())
                    .as(line)
                    .isNotEmpty();
        }

        assertThat(untilReady(start(environment)))
                .noneMatch(line -> line.contains("mosquitto") || line.contains("First start"));
    }

    @Test
    void saysInOneLineThatAPortIsTaken() throws Exception {
        Map<String, String> environment = environment("text");
        int port = Integer.parseInt(environment.get("MUSTER_LISTENERS_0_PORT"));
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            Process hub = start(environment);
            assertThat(hub.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(hub.exitValue()).isEqualTo(1);
            assertThat(reader(hub).lines()).isEmpty();
            assertThat(Files.readAllLines(folder.resolve("log")))
                    // What the log says of the registry and of addresses is said anyway.
                    .filteredOn(line -> !line.contains(" INFO ") && !line.contains(" WARN "))
                    .singleElement()
                    .asString()
                    .contains("muster: the hub did not start", "'tcp'", ":" + port);
        }
    }

    @Test
    void endsWithTwoIfAnAuthenticatorIsConfiguredWrongly() throws Exception {
        Map<String, String> environment = new HashMap<>(environment("text"));
        environment.put("MUSTER_AUTHENTICATION_CHAIN_0_NO_SUCH_SETTING", "1");
        Process hub = start(environment);
        assertThat(hub.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(hub.exitValue()).isEqualTo(2);
    }

    private Map<String, String> environment(String logFormat) throws IOException {
        return Map.of(
                "MUSTER_DATA",
                folder.resolve("data").toString(),
                "MUSTER_LISTENERS",
                "[{name = tcp}]",
                "MUSTER_LISTENERS_0_BIND",
                "127.0.0.1",
                "MUSTER_LISTENERS_0_PORT",
                "" + freePort(),
                "MUSTER_MANAGEMENT_PORT",
                "" + freePort(),
                "MUSTER_LOG_FORMAT",
                logFormat);
    }

    /** The demo must find the hub by its configuration, so the ports cannot be 0 here. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start(Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            // As the launcher does; without them the JVM's own warnings mix with the log.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Muster.class.getName(),
                        "start"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(folder.toFile());
        builder.environment().putAll(environment);
        builder.redirectError(folder.resolve("log").toFile());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private static List<String> untilReady(Process hub) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader reader = reader(hub);
        String line = reader.readLine();
        while (line != null && !line.equals("muster is ready")) {
            lines.add(line);
            line = reader.readLine();
        }
        assertThat(line).as("after " + lines).isEqualTo("muster is ready");
        return lines;
    }

    private static BufferedReader reader(Process hub) {
        // The same one each time, so nothing that it read ahead is lost.
        return hub.inputReader();
    }
}
