package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.devices.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.TerminalFailureException;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listener that the C SDK looks for, whose port no setting of it changes. */
class EnosListenerTest {

    private static final int PORT = 11_883;
    private static final int TRIES = 120;
    private static final int PAUSE_MILLIS = 500;
    private static final String CANNOT_BIND = "listener 'enos' cannot be bound to 127.0.0.1:11883";
    private static final Map<String, String> PRESET =
            Map.of("MUSTER_LISTENER_PRESETS", "enos", "MUSTER_LISTENER_DEFAULTS_BIND", "127.0.0.1");

    /** Where it is demanded, others that have the port are waited for. */
    private static ServerSocket take() throws InterruptedException {
        int tries = Requirement.PORT_11883.isDemanded() ? TRIES : 1;
        for (int i = 0; i < tries; i++) {
            try {
                return new ServerSocket(PORT, 1, InetAddress.getLoopbackAddress());
            } catch (IOException taken) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
        throw Requirement.PORT_11883.missing("port 11883 is taken here by somebody else");
    }

    /** Others may take the port after we let go of it and before the hub has it: then once more. */
    private static HubProcess startAtPort(Path home) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (true) {
            take().close();
            try {
                return HubProcess.start(home, PRESET);
            } catch (TerminalFailureException ended) {
                if (System.nanoTime() > deadline || !cannotBind(home)) {
                    throw ended;
                }
            }
        }
    }

    private static boolean cannotBind(Path home) throws IOException {
        return Files.readString(home.resolve("err")).contains(CANNOT_BIND);
    }

    @Test
    void letsTheCSdkInAsItComes(@TempDir Path home) throws Exception {
        try (HubProcess hub = startAtPort(home)) {
            assertThat(hub.mqttPort("enos")).isEqualTo(PORT);
            String secret =
                    hub.operator()
                            .post("/api/v1/products/demo/devices", "{\"deviceKey\":\"d1\"}")
                            .json()
                            .path("deviceSecret")
                            .asText();

            MqttClient device = connect(secret);

            assertThat(hub.operator().get("/api/v1/clients/demo%2Fd1").json().path("listener"))
                    .hasToString("\"enos\"");
            device.disconnect();
            device.close();
        }
    }

    /** As the C SDK does: its client identifier, its timestamp, its upper case. */
    private static MqttClient connect(String secret) throws Exception {
        String password =
                new DeviceSignature(SignMethod.SHA256, "demo.d1", "d1", "demo", "2524608000000")
                        .compute(Secret.of(secret))
                        .toUpperCase(Locale.ROOT);
        MqttClient device =
                new MqttClient(
                        "tcp://127.0.0.1:" + PORT,
                        "demo.d1|securemode=2,signmethod=sha256,timestamp=2524608000000|",
                        new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setUserName("d1&demo");
        options.setPassword(password.toCharArray());
        options.setKeepAliveInterval(120);
        device.connect(options);
        return device;
    }

    @Test
    void namesItselfIfItsPortIsTaken(@TempDir Path home) throws Exception {
        try (ServerSocket taken = take();
                HubProcess hub = HubProcess.launch(home, PRESET)) {
            assertThat(taken.isBound()).isTrue();
            assertThat(hub.exitCode()).isNotZero();
            assertThat(hub.err()).contains(CANNOT_BIND);
        }
    }
}
