package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.hub.HttpCaller.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub whose registry file has a damaged page, seen from outside. */
class DamagedRegistryTest {

    private static final int PAGE = 4096;
    private static final byte LEAF_OF_A_TABLE = 0x0D;
    private static final int UNAVAILABLE = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void saysSoWithoutBeingAskedForWhatIsDamagedAndServesTheOthers(@TempDir Path folder)
            throws Exception {
        String secret;
        FirstStart demo;
        try (RunningHub whole = RunningHub.start(folder)) {
            secret = whole.createDevice("damaged");
            demo = whole.demo();
            assertThat(metrics(whole)).contains("muster_registry_damaged 0.0");
        }
        Path file = folder.resolve("registry.db");
        damagePageOfDevices(file);
        byte[] damaged = Files.readAllBytes(file);

        try (RunningHub running = RunningHub.start(folder)) {
            await().atMost(PATIENCE)
                    .until(() -> metrics(running).contains("muster_registry_damaged 1.0"));

            Answer ready = running.operator().withoutToken().get("/health/ready");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.text())
                    .isEqualTo("{\"status\":\"UP\",\"warnings\":{\"registry\":\"damaged\"}}");
            assertThatThrownBy(() -> running.connectDevice("damaged", secret))
                    .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                    .satisfies(
                            refusal -> assertThat(refusal.getReasonCode()).isEqualTo(UNAVAILABLE));
            assertThat(running.operator().get("/api/v1/products/demo/devices/damaged").status())
                    .isEqualTo(503);
            RunningHub.disconnect(
                    running.connect(
                            "backend", demo.applicationUsername(), demo.applicationPassword()));
            assertThat(metrics(running))
                    .contains(
                            "muster_registry_damaged 1.0",
                            "muster_registry_available{operation=\"read\"} 1.0",
                            "muster_registry_available{operation=\"write\"} 1.0");
        }

        int page = pageOfDevices(damaged, "ZZZZZZZZ");
        assertThat(Arrays.copyOfRange(Files.readAllBytes(file), page * PAGE, (page + 1) * PAGE))
                .containsOnly('Z');
    }

    private static String metrics(RunningHub running) {
        return running.operator().withoutToken().get("/metrics").text();
    }

    private static void damagePageOfDevices(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int page = pageOfDevices(all, "demodamaged");
        assertThat(all[page * PAGE]).isEqualTo(LEAF_OF_A_TABLE);
        Arrays.fill(all, page * PAGE, (page + 1) * PAGE, (byte) 'Z');
        Files.write(file, all);
    }

    /** The first page with a text that is no page of an index. */
    private static int pageOfDevices(byte[] all, String text) {
        for (int page = 1; page < all.length / PAGE; page++) {
            boolean isIndex = all[page * PAGE] == 0x0A;
            String content = new String(all, page * PAGE, PAGE, StandardCharsets.ISO_8859_1);
            if (!isIndex && content.contains(text)) {
                return page;
            }
        }
        throw new AssertionError("no page has " + text);
    }
}
