package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics page of a whole hub and the page that documents it tell of the same metrics. */
class MetricsPageTest {

    private static final Pattern TYPE_LINE = Pattern.compile("(?m)^# TYPE (\\S+) \\w+$");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)`");

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricIsDocumentedAndEveryDocumentedOneOfOursIsThere(@TempDir Path folder)
            throws Exception {
        Set<String> shown;
        try (RunningHub running = RunningHub.start(folder.resolve("data"))) {
            MqttClient device = running.connectDevice("demo-device", running.demo().deviceSecret());
            device.publish("demo/demo-device/telemetry", new byte[] {1}, 1, false);
            assertThatThrownBy(() -> running.connectDevice("demo-device", "not-the-secret"))
                    .isInstanceOf(MqttException.class);
            // These two appear with the first one.
            device.publish("/sys/demo/demo-device/thing/tag/query", new byte[] {1}, 1, false);
            running.operator()
                    .post(
                            "/api/v1/products/demo/devices/demo-device/raw",
                            "application/octet-stream",
                            "x");
            shown = names(TYPE_LINE, running.operator().withoutToken().get("/metrics").text());
            RunningHub.disconnect(device);
        }

        Set<String> documented = names(DOCUMENTED, documentation());

        assertThat(documented).containsAll(shown);
        // Those of the JVM depend on its garbage collector and its system.
        Set<String> ours = new TreeSet<>(documented);
        ours.removeIf(name -> !name.startsWith("muster_"));
        assertThat(shown).containsAll(ours);
    }

    private static String documentation() throws IOException {
        return Files.readString(Path.of("..", "docs", "metrics.md"));
    }
}
