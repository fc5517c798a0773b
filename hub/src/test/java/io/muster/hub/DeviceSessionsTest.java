package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.devices.DeviceId;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.hub.api.FakeClients;
import io.muster.hub.api.devices.DeviceSessions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the registry said too late is in force for those who are connected, too. */
class DeviceSessionsTest {

    private static final DeviceId D1 = new DeviceId("demo", "d1");

    private static void execute(Path folder, String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("registry.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 5000");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void aDeviceOfWhichIsLearnedLaterThatItIsDeletedIsDisconnected(@TempDir Path folder)
            throws Exception {
        try (RunningHub hub = RunningHub.start(folder)) {
            MqttClient device = hub.connectDevice("d1", hub.createDevice("d1"));
            execute(
                    folder,
                    """
                    CREATE TABLE refusal (product_key VARCHAR(20), device_key VARCHAR(64),
                      FOREIGN KEY (product_key, device_key)
                        REFERENCES device (product_key, device_key) DEFERRABLE INITIALLY DEFERRED)
                    """,
                    "INSERT INTO refusal VALUES ('demo', 'd1')",
                    // Nobody can look whether the device is still there.
                    """
                    CREATE TRIGGER unseen BEFORE UPDATE OF revision ON device
                    BEGIN SELECT RAISE(FAIL, 'not now'); END
                    """);
            assertThat(hub.operator().delete("/api/v1/products/demo/devices/d1").status())
                    .isEqualTo(503);
            assertThat(device.isConnected()).isTrue();

            execute(
                    folder,
                    "DROP TABLE refusal",
                    "DELETE FROM device WHERE product_key = 'demo' AND device_key = 'd1'",
                    "DROP TRIGGER unseen");

            Awaitility.await().until(() -> !device.isConnected());
            assertThat(hub.operator().get("/api/v1/clients/demo/d1").status()).isEqualTo(404);
            device.close();
        }
    }

    @Test
    void onlyWhoCameWithASecretThatHasEndedIsDisconnectedWhenThatIsLearned() {
        FakeClients clients = new FakeClients();
        DeviceSessions sessions = new DeviceSessions(clients, Clock.systemUTC());
        Secret old = Secret.generate();
        clients.connectWith(
                Map.of(DeviceSecretAuthenticator.SECRET_MARK, old.mark()), D1.toString());
        clients.connect("demo/d2");

        RotatingSecret overlapping =
                new RotatingSecret(
                        Secret.generate(),
                        Optional.of(
                                new RotatingSecret.Previous(
                                        old, Instant.now().plus(Duration.ofHours(1)))));
        sessions.deviceSecretsSettled(D1, overlapping);
        sessions.deviceSecretsSettled(
                new DeviceId("demo", "d2"), RotatingSecret.of(Secret.generate()));
        assertThat(clients.isConnected("demo/d1")).isTrue();
        assertThat(clients.isConnected("demo/d2")).isTrue();

        sessions.deviceSecretsSettled(D1, RotatingSecret.of(Secret.generate()));
        assertThat(clients.isConnected("demo/d1")).isFalse();
    }
}
