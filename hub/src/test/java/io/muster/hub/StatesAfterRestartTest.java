package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application finds under the state topics after the hub was started again. */
class StatesAfterRestartTest {

    private static final String STATES = "$muster/devices/+/+/state";

    private final Path folder;

    StatesAfterRestartTest(@TempDir Path parent) {
        this.folder = parent.resolve("data");
    }

    private static Map<String, JsonNode> watch(RunningHub running, FirstStart demo)
            throws Exception {
        Map<String, JsonNode> states = new ConcurrentHashMap<>();
        MqttClient watcher =
                running.connect("watcher", demo.applicationUsername(), demo.applicationPassword());
        watcher.subscribe(
                STATES,
                1,
                (topic, message) -> {
                    JsonNode state = new JsonMapper().readTree(message.getPayload());
                    states.merge(
                            state.path("deviceKey").asText(),
                            state,
                            (older, newer) -> {
                                assertThat(newer.path("version").asLong())
                                        .isGreaterThanOrEqualTo(older.path("version").asLong());
                                return newer;
                            });
                });
        return states;
    }

    private static long version(Map<String, JsonNode> states, String deviceKey) {
        return Objects.requireNonNull(states.get(deviceKey)).path("version").asLong();
    }

    private static void awaitState(Map<String, JsonNode> states, String deviceKey, String state) {
        Awaitility.await()
                .until(
                        () ->
                                states.containsKey(deviceKey)
                                        && states.get(deviceKey)
                                                .path("state")
                                                .asText()
                                                .equals(state));
    }

    @Test
    void everyDeviceHasItsStateThereAgain() throws Exception {
        FirstStart demo;
        try (RunningHub running = RunningHub.start(folder)) {
            demo = running.demo();
            running.createDevice("never");
            RunningHub.disconnect(running.connectDevice("was", running.createDevice("was")));
            running.createDevice("barred");
            running.operator().post("/api/v1/products/demo/devices/barred/disable");
        }

        try (RunningHub running = RunningHub.start(folder)) {
            Map<String, JsonNode> states = watch(running, demo);

            awaitState(states, "never", "INACTIVE");
            awaitState(states, "was", "OFFLINE");
            awaitState(states, "barred", "DISABLED");
            awaitState(states, demo.deviceKey(), "INACTIVE");
        }
    }

    @Test
    void aDeviceThatComesBackAtOnceStaysOnline() throws Exception {
        FirstStart demo;
        try (RunningHub running = RunningHub.start(folder)) {
            demo = running.demo();
            RunningHub.disconnect(running.connectDevice(demo.deviceKey(), demo.deviceSecret()));
        }

        try (RunningHub running = RunningHub.start(folder)) {
            MqttClient device = running.connectDevice(demo.deviceKey(), demo.deviceSecret());
            Map<String, JsonNode> states = watch(running, demo);

            awaitState(states, demo.deviceKey(), "ONLINE");
            String other = running.createDevice("other");
            RunningHub.disconnect(running.connectDevice("other", other));
            awaitState(states, "other", "OFFLINE");
            awaitState(states, demo.deviceKey(), "ONLINE");
            RunningHub.disconnect(device);
        }
    }

    @Test
    void aDeviceThatWasOnlineAtACrashIsToldToBeOfflineWithALaterVersion(@TempDir Path parent)
            throws Exception {
        Path left = parent.resolve("left-by-the-crash");
        FirstStart demo;
        long versionBefore;
        try (RunningHub running = RunningHub.start(folder)) {
            demo = running.demo();
            Map<String, JsonNode> states = watch(running, demo);
            MqttClient device = running.connectDevice(demo.deviceKey(), demo.deviceSecret());
            awaitState(states, demo.deviceKey(), "ONLINE");
            versionBefore = version(states, demo.deviceKey());
            // What the disk holds at this moment is what a crash would leave.
            Awaitility.await().until(() -> copyShowsOnline(left));
            RunningHub.disconnect(device);
        }

        try (RunningHub running = RunningHub.start(left)) {
            Map<String, JsonNode> states = watch(running, demo);

            awaitState(states, demo.deviceKey(), "OFFLINE");
            assertThat(version(states, demo.deviceKey())).isGreaterThan(versionBefore);
        }
    }

    /** Copies the data folder as it is, and tells whether a device is online in the copy. */
    private boolean copyShowsOnline(Path copy) throws IOException, SQLException {
        Files.createDirectories(copy);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        copy.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + copy.resolve("registry.db"));
                ResultSet online =
                        connection
                                .createStatement()
                                .executeQuery("SELECT COUNT(*) FROM device WHERE status = 1")) {
            return online.next() && online.getInt(1) == 1;
        }
    }
}
