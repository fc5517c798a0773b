package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.SocketFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub in a process of its own with listeners of all kinds, and the clients of each. */
class ListenersTest {

    private static final String LISTENERS =
            """
            [
              { name = ws, type = ws, bind = "127.0.0.1", port = 0, origins = ["*"] }
              { name = balanced, bind = "127.0.0.1", port = 0, proxy-protocol = required }
              { name = plain, bind = "127.0.0.1", port = 0 }
            ]
            """;

    private static HubProcess hub;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        hub = HubProcess.start(home, Map.of("MUSTER_LISTENERS", LISTENERS));
        hub.operator().post("/api/v1/products", "{\"productKey\":\"plant\"}");
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static SignedConnect device(String key) throws IOException {
        String secret =
                hub.operator()
                        .post("/api/v1/products/plant/devices", "{\"deviceKey\":\"" + key + "\"}")
                        .json()
                        .path("deviceSecret")
                        .asText();
        return DeviceSignature.sign(
                new DeviceId("plant", key), Secret.of(secret), SignMethod.SHA256, "1700000000000");
    }

    private static MqttClient connect(String uri, SignedConnect signed, SocketFactory sockets)
            throws MqttException {
        MqttClient client = new MqttClient(uri, signed.clientId(), new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(signed.username());
        options.setPassword(signed.password().toCharArray());
        options.setSocketFactory(sockets);
        client.connect(options);
        return client;
    }

    /** Sends a PROXY header before all else, as a load balancer does. */
    private static final class Balanced extends SocketFactory {

        private final String header;

        private Balanced(String header) {
            this.header = header;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress address, int timeoutMillis) throws IOException {
                    super.connect(address, timeoutMillis);
                    getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(
                String host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(
                java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void aDeviceSignsInBySecretOverWebSocket() throws Exception {
        SignedConnect signed = device("browser");
        String uri = "ws://127.0.0.1:" + hub.mqttPort("ws") + "/mqtt";
        MqttClient device = connect(uri, signed, SocketFactory.getDefault());
        List<String> received = new CopyOnWriteArrayList<>();
        device.subscribe(
                "plant/browser/#",
                1,
                (topic, message) -> received.add(RunningHub.text(message.getPayload())));

        device.publish(
                "plant/browser/large",
                "x".repeat(100_000).getBytes(StandardCharsets.UTF_8),
                1,
                false);
        device.publish("plant/browser/small", "21.5".getBytes(StandardCharsets.UTF_8), 2, false);

        await().untilAsserted(
                        () -> assertThat(received).containsExactly("x".repeat(100_000), "21.5"));
        assertThat(state("browser")).isEqualTo("ONLINE");
        assertThat(listed("plant/browser").path("listener").asText()).isEqualTo("ws");
        device.disconnect();
        device.close();
        await().until(() -> state("browser").equals("OFFLINE"));
    }

    private static String state(String key) throws IOException {
        return hub.operator()
                .get("/api/v1/products/plant/devices/" + key)
                .json()
                .path("state")
                .asText();
    }

    private static JsonNode listed(String clientId) throws Exception {
        JsonNode page = new ObjectMapper().readTree(hub.command("client", "list", "--json"));
        return page.findParents("clientId").stream()
                .filter(client -> client.path("clientId").asText().equals(clientId))
                .findFirst()
                .orElseThrow(() -> new AssertionError(clientId + " is not in " + page));
    }

    @Test
    void theAddressThatAProxyTellsIsThatOfTheClient() throws Exception {
        MqttClient device =
                connect(
                        "tcp://127.0.0.1:" + hub.mqttPort("balanced"),
                        device("far-away"),
                        new Balanced("PROXY TCP4 203.0.113.7 192.0.2.1 40123 1883\r\n"));

        JsonNode client = listed("plant/far-away");
        assertThat(client.path("address").asText()).isEqualTo("203.0.113.7");
        assertThat(client.path("port").asInt()).isEqualTo(40_123);
        assertThat(client.path("listener").asText()).isEqualTo("balanced");
        assertThat(hub.command("client", "list")).contains("203.0.113.7");
        device.disconnect();
        device.close();
    }

    @Test
    void theStartShowsCommandsForThePlainListenerOnly() throws IOException {
        String server = " -h 127.0.0.1 -p " + hub.mqttPort("plain") + " ";

        assertThat(hub.out()).contains("mosquitto_sub" + server, "mosquitto_pub" + server);
        assertThat(hub.out().lines().filter(line -> line.contains("mosquitto_"))).hasSize(2);
    }
}
