package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.Hub;
import io.muster.hub.config.ConfigurationLoader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what the page of devices says, against a hub on ports of its own. */
class DevicesPageTest {

    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
    private static final Pattern SECRET = Pattern.compile("(?m)^deviceSecret +(\\S+)$");

    private final Path folder;
    private Hub hub;
    private Map<String, String> environment;

    DevicesPageTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void start() throws IOException {
        hub =
                Hub.start(
                        ConfigurationLoader.load(Optional.empty(), Optional.empty(), environment(0))
                                .hub());
        environment = environment(hub.managementAddress().getPort());
        Files.writeString(
                folder.resolve("devices.csv"),
                "deviceKey,deviceSecret\nmany1,\nmany2,secret-of-many2\n");
    }

    private Map<String, String> environment(int managementPort) {
        return Map.of(
                "MUSTER_DATA",
                folder.resolve("data").toString(),
                "MUSTER_LISTENERS_0_BIND",
                "127.0.0.1",
                "MUSTER_LISTENERS_0_PORT",
                "0",
                "MUSTER_MANAGEMENT_PORT",
                Integer.toString(managementPort));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "devices.md"));
    }

    private String url() {
        InetSocketAddress address = hub.mqttAddresses().values().iterator().next();
        return "tcp://127.0.0.1:" + address.getPort();
    }

    /** The lines that call our launcher, without comments and without what a shell does. */
    private static List<List<String>> commands() throws IOException {
        return page().lines()
                .filter(line -> line.startsWith("    ./muster "))
                .map(line -> line.replaceAll(" +# .*| > .*", "").strip())
                .map(line -> WORD.matcher(line).results().map(DevicesPageTest::word).toList())
                .map(words -> words.subList(1, words.size()))
                .toList();
    }

    private static String word(MatchResult match) {
        return match.group(1) != null ? match.group(1) : match.group(2);
    }

    private CommandRun run(List<String> words) {
        String[] here =
                words.stream()
                        .map(
                                word ->
                                        word.equals("devices.csv")
                                                ? folder.resolve(word).toString()
                                                : word)
                        .toArray(String[]::new);
        return CommandRun.of(environment, "", here);
    }

    private String secret() {
        CommandRun shown = run(List.of("device", "show", "thermo", "dev1", "--secret"));
        Matcher secret = SECRET.matcher(shown.out());
        assertThat(secret.find()).as(shown.out()).isTrue();
        return secret.group(1);
    }

    private static boolean isDeletion(List<String> command) {
        return command.get(1).equals("delete");
    }

    private static boolean needsTheDevice(List<String> command) {
        return command.contains("command") || command.contains("push");
    }

    /** Those that delete come last: what they delete is spoken of further down. */
    @Test
    void everyCommandDoesWhatItSays() throws Exception {
        List<List<String>> all = commands();
        assertThat(all).hasSizeGreaterThan(15).anyMatch(DevicesPageTest::needsTheDevice);
        List<List<String>> ordered =
                Stream.concat(
                                all.stream().filter(command -> !isDeletion(command)),
                                all.stream().filter(DevicesPageTest::isDeletion))
                        .toList();
        List<String> failed = new ArrayList<>();
        for (List<String> command : ordered) {
            CommandRun done = needsTheDevice(command) ? runWithTheDevice(command) : run(command);
            if (done.exitCode() != 0) {
                failed.add(String.join(" ", command) + ": " + done.err().strip());
            }
        }

        // As the page says of it.
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0)).startsWith("product delete thermo: ").contains("devices");
    }

    private CommandRun runWithTheDevice(List<String> command) throws MqttException {
        MqttClient device = connect();
        try {
            return run(command);
        } finally {
            device.disconnect();
            device.close();
        }
    }

    /** A device that does whatever it is asked. */
    private MqttClient connect() throws MqttException {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("thermo", "dev1"),
                        Secret.of(secret()),
                        SignMethod.SHA256,
                        "1700000000000");
        MqttClient device = new MqttClient(url(), signed.clientId(), new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(signed.username());
        options.setPassword(signed.password().toCharArray());
        device.connect(options);
        device.subscribe(
                "/sys/thermo/dev1/#",
                (topic, message) -> {
                    if (!topic.endsWith("_reply")) {
                        String command = new String(message.getPayload(), StandardCharsets.UTF_8);
                        CompletableFuture.runAsync(() -> answer(device, topic, command));
                    }
                });
        return device;
    }

    private static void answer(MqttClient device, String topic, String command) {
        String id = command.replaceAll("(?s).*\"id\":\"(\\d+)\".*", "$1");
        String answer = "{\"id\":\"%s\",\"code\":200,\"data\":{}}".formatted(id);
        try {
            device.publish(topic + "_reply", answer.getBytes(StandardCharsets.UTF_8), 0, false);
        } catch (MqttException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theProgramInJavaSignsInAndIsHeard() throws Exception {
        run(List.of("product", "create", "thermo"));
        run(List.of("device", "create", "thermo", "dev1"));
        Matcher program = JAVA.matcher(page());
        assertThat(program.find()).isTrue();
        Path source = Files.writeString(folder.resolve("Device.java"), program.group(1));
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
            String[] arguments = {"thermo", "dev1", secret(), url()};
            loader.loadClass("Device")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        }

        CommandRun shown = run(List.of("device", "show", "thermo", "dev1"));
        assertThat(shown.out()).containsPattern("activatedAt +2");
    }
}
