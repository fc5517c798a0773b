package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
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

    private final Path folder;
    private PageHub hub;

    DevicesPageTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void start() throws IOException {
        hub = PageHub.start(folder);
        Files.writeString(
                folder.resolve("devices.csv"),
                "deviceKey,deviceSecret\nmany1,\nmany2,secret-of-many2\n");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private CommandRun run(List<String> words) {
        return hub.run(
                words.stream()
                        .map(
                                word ->
                                        word.equals("devices.csv")
                                                ? folder.resolve(word).toString()
                                                : word)
                        .toArray(String[]::new));
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
        List<List<String>> all = DevicesPage.commands();
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
                        Secret.of(hub.secretOf("device", "show", "thermo", "dev1", "--secret")),
                        SignMethod.SHA256,
                        "1700000000000");
        MqttClient device = new MqttClient(hub.url(), signed.clientId(), new MemoryPersistence());
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
}
