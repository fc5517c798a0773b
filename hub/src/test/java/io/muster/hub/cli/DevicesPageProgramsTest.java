package io.muster.hub.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.hub.Requirement;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.tools.ToolProvider;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the programs of the page of devices as they are printed there, against a hub. Those in
 * Python are skipped where {@code python3} has no paho-mqtt; with {@code TESTS_REQUIRE_PAHO=1} that
 * is a failure.
 */
class DevicesPageProgramsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path folder;
    private final List<Process> running = new ArrayList<>();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private PageHub hub;
    private MqttClient application;

    DevicesPageProgramsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void start() throws Exception {
        hub = PageHub.start(folder);
        hub.prepare("product", "create", "thermo", "--dynamic-activation");
        hub.prepare("device", "create", "thermo", "dev1");
        application =
                new MosquittoCommand(
                                List.of(
                                        "-u",
                                        "backend",
                                        "-P",
                                        hub.createApplication("backend"),
                                        "-v",
                                        "-t",
                                        "thermo/#"))
                        .subscribe(hub.mqttPort(), heard);
    }

    @AfterEach
    void stop() throws Exception {
        running.forEach(Process::destroyForcibly);
        application.disconnect();
        application.close();
        hub.close();
    }

    private static void needsPaho() throws Exception {
        Process probe =
                new ProcessBuilder("python3", "-c", "import paho.mqtt.client")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (probe.waitFor() != 0) {
            throw Requirement.PAHO.missing("python3 has no paho-mqtt: " + said);
        }
    }

    /** Runs it with the arguments that the page gives it, of which those in capitals are known. */
    private Process python(String name, Map<String, String> secrets) throws IOException {
        Files.writeString(folder.resolve(name), DevicesPage.programInPython(name));
        List<String> words = new ArrayList<>(List.of("python3", "-u", name));
        for (String word : DevicesPage.arguments(name)) {
            words.add(secrets.getOrDefault(word, word));
        }
        words.addAll(List.of("127.0.0.1", Integer.toString(hub.mqttPort())));
        Process process =
                new ProcessBuilder(words)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output(name).toFile())
                        .start();
        running.add(process);
        return process;
    }

    private Path output(String name) {
        return folder.resolve(name + ".out");
    }

    private String printed(String name) throws IOException {
        return Files.readString(output(name)).strip();
    }

    private void awaitState(Process program, String product, String device, String state) {
        await().atMost(PATIENCE)
                .failFast(product + "/" + device + " program ended", () -> !program.isAlive())
                .until(() -> shown(product, device).matches("(?s).*\\bstate +" + state + "\\b.*"));
    }

    private String shown(String product, String device) {
        return hub.run("device", "show", product, device).out();
    }

    @Test
    void theDeviceInJavaSignsInAndIsHeard() throws Exception {
        Path source = Files.writeString(folder.resolve("Device.java"), DevicesPage.programInJava());
        int failed =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString());
        assertThat(failed).isZero();

        URL[] classes = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes)) {
            String secret = hub.secretOf("device", "show", "thermo", "dev1", "--secret");
            String[] arguments = {"thermo", "dev1", secret, hub.url()};
            loader.loadClass("Device")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        }

        await().atMost(PATIENCE).until(() -> !heard.isEmpty());
        assertThat(heard).containsExactly("thermo/dev1/temperature 21.5");
    }

    @Test
    void theDeviceInPythonStaysUntilItIsDisabled() throws Exception {
        needsPaho();
        String secret = hub.secretOf("device", "show", "thermo", "dev1", "--secret");
        Process device = python("device.py", Map.of("SECRET", secret));
        awaitState(device, "thermo", "dev1", "ONLINE");
        await().atMost(PATIENCE).until(() -> !heard.isEmpty());
        assertThat(heard).containsExactly("thermo/dev1/temperature 21.5");

        hub.prepare("device", "disable", "thermo", "dev1");

        assertThat(device.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
        assertThat(device.exitValue()).isEqualTo(1);
        assertThat(printed("device.py")).startsWith("refused: ").containsIgnoringCase("authori");
    }

    @Test
    void theDeviceInPythonThatHasNoSecretFetchesIt() throws Exception {
        needsPaho();
        hub.prepare("device", "create", "thermo", "dev2");
        String secret = hub.secretOf("product", "show", "thermo", "--secret");

        Process device = python("activate.py", Map.of("PRODUCT_SECRET", secret));

        assertThat(device.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
        assertThat(printed("activate.py"))
                .isEqualTo(hub.secretOf("device", "show", "thermo", "dev2", "--secret"));
        assertThat(device.exitValue()).isZero();
    }

    @Test
    void theGatewayInPythonSpeaksForItsPumpUntilItIsEnded() throws Exception {
        needsPaho();
        for (List<String> command : DevicesPage.commands()) {
            if (command.get(1).equals("create")
                    && (command.contains("gw") || command.contains("pump"))) {
                hub.prepare(command.toArray(String[]::new));
            }
        }

        Process gateway =
                python(
                        "gateway.py",
                        Map.of(
                                "GATEWAY_SECRET",
                                hub.secretOf("device", "show", "gw", "g1", "--secret"),
                                "PUMP_SECRET",
                                hub.secretOf("device", "show", "pump", "p1", "--secret")));
        awaitState(gateway, "pump", "p1", "ONLINE");
        await().atMost(PATIENCE).until(() -> printed("gateway.py").contains("Enter"));
        try (OutputStream enter = gateway.getOutputStream()) {
            enter.write('\n');
        }

        assertThat(gateway.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
        assertThat(gateway.exitValue()).as(printed("gateway.py")).isZero();
        assertThat(printed("gateway.py").split("'code': 200", -1)).hasSize(4);
        await().atMost(PATIENCE)
                .until(() -> shown("pump", "p1").matches("(?s).*\\bstate +OFFLINE\\b.*"));
    }
}
