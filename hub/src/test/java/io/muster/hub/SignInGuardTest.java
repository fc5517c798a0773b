package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.net.proxy.Network;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.SocketFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who is barred at a whole hub, by clients that come from several addresses; each test has its own.
 */
class SignInGuardTest {

    private static final String EXEMPT = "127.9.0.1";
    private static final int ACCEPTED = 0;

    private static RunningHub running;
    private static int network;

    private final String guesser = "127.0." + ++network + ".1";
    private final String home = "127.0." + network + ".2";
    private String key = "";
    private String secret = "";

    @BeforeAll
    static void start(@TempDir Path folder) {
        running = RunningHub.start(config(folder.resolve("data")));
    }

    /** Bars that last for the whole test, and a connect rate that few tests reach. */
    private static HubConfig config(Path folder) {
        HubConfig usual = RunningHub.config(folder);
        HubConfig.Authentication authentication = usual.authentication();
        return new HubConfig(
                folder,
                BrokerConfig.of(
                        List.of(
                                new ListenerConfig("mqtt", "127.0.0.1", 0),
                                new ListenerConfig("open", "127.0.0.1", 0))),
                usual.certificates(),
                new HubConfig.Authentication(
                        authentication.chain(),
                        authentication.deadline(),
                        authentication.scramIterations(),
                        new GuardSettings(
                                5,
                                50,
                                20,
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(5),
                                1_000,
                                new GuardSettings.ConnectRate(
                                        true, 4, Duration.ofMinutes(2), Duration.ofMinutes(5))),
                        List.of(Network.parse(EXEMPT)),
                        Set.of("open")),
                usual.permissions(),
                usual.devices(),
                usual.registry(),
                usual.management());
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @BeforeEach
    void createDevice() {
        key = "device-" + network;
        secret = running.createDevice(key);
    }

    private SignedConnect signed(String with) {
        return DeviceSignature.sign(
                new DeviceId("demo", key), Secret.of(with), SignMethod.SHA256, "1700000000000");
    }

    private SignedConnect right() {
        return signed(secret);
    }

    private SignedConnect wrong() {
        return signed("not-the-secret");
    }

    private static int port(String listener) {
        InetSocketAddress address = running.hub().mqttAddresses().get(listener);
        assertThat(address).isNotNull();
        return address.getPort();
    }

    /** The return code of MQTT 3.1.1; a client that is let in leaves again. */
    private static int three(SignedConnect signed, String from) {
        return three(signed, from, "mqtt");
    }

    private static int three(SignedConnect signed, String from, String listener) {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setUserName(signed.username());
        options.setPassword(signed.password().toCharArray());
        options.setSocketFactory(new BoundSockets(from));
        String uri = "tcp://127.0.0.1:" + port(listener);
        try (MqttClient client = new MqttClient(uri, signed.clientId(), new MemoryPersistence())) {
            client.connect(options);
            client.disconnect();
            return ACCEPTED;
        } catch (MqttException refused) {
            return refused.getReasonCode();
        }
    }

    /** The reason code of MQTT 5.0; a client that is let in leaves again. */
    private static int five(SignedConnect signed, String from) {
        return five(
                client(signed.clientId(), from)
                        .simpleAuth()
                        .username(signed.username())
                        .password(signed.password().getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth());
    }

    private static int scram(String name, String password, String from) {
        return five(client("scram", from).enhancedAuth(new ScramMechanism(name, password)));
    }

    private static Mqtt5ClientBuilder client(String clientId, String from) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .transportConfig()
                .serverHost("127.0.0.1")
                .serverPort(port("mqtt"))
                .localAddress(from)
                .applyTransportConfig();
    }

    private static int five(Mqtt5ClientBuilder builder) {
        var client = builder.buildBlocking();
        Mqtt5ConnAckException refused =
                catchThrowableOfType(Mqtt5ConnAckException.class, client::connect);
        if (refused != null) {
            return refused.getMqttMessage().getReasonCode().getCode();
        }
        client.disconnect();
        return ACCEPTED;
    }

    /** Sockets that come from an address of the loopback network. */
    private static final class BoundSockets extends SocketFactory {

        private final String from;

        private BoundSockets(String from) {
            this.from = from;
        }

        @Override
        public Socket createSocket() throws IOException {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress(from, 0));
            return socket;
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

    private static SignedConnect account(String username, String password) {
        return new SignedConnect("app", username, password);
    }

    private static List<String> bars() {
        return running.operator().get("/api/v1/bars?limit=1000").json().findValuesAsText("id");
    }

    private static double metric(String name) {
        return running.operator()
                .withoutToken()
                .get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    @Test
    void theRightDeviceComesInFromItsOwnAddressWhileAnotherIsBarredForGuessingAtIt() {
        for (int i = 0; i < 5; i++) {
            assertThat(three(wrong(), guesser)).isEqualTo(4);
        }

        assertThat(three(wrong(), guesser)).isEqualTo(5);
        assertThat(three(right(), guesser)).isEqualTo(5);
        assertThat(five(right(), guesser)).isEqualTo(0x8A);
        assertThat(three(right(), home)).isEqualTo(ACCEPTED);
        assertThat(five(right(), home)).isEqualTo(ACCEPTED);
    }

    @Test
    void aDeviceThatThereIsNotIsToldTheSameAsOneThatThereIs() {
        SignedConnect absent =
                DeviceSignature.sign(
                        new DeviceId("demo", key + "-absent"),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1");
        SignedConnect ofNoProduct =
                DeviceSignature.sign(
                        new DeviceId("nothing", key), Secret.of(secret), SignMethod.SHA256, "1");
        for (int i = 0; i < 7; i++) {
            int there = five(wrong(), guesser);
            assertThat(there).isEqualTo(i < 5 ? 0x86 : 0x8A);
            assertThat(five(absent, guesser)).isEqualTo(there);
            assertThat(five(ofNoProduct, guesser)).isEqualTo(there);
        }
    }

    @Test
    void anApplicationThatIsGuessedAtIsBarredThereHoweverItSignsIn() {
        String name = running.demo().applicationUsername();
        String password = running.demo().applicationPassword();
        for (int i = 0; i < 3; i++) {
            assertThat(three(account(name, "guess" + i), guesser)).isEqualTo(4);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(scram(name, "guess" + i, guesser)).isEqualTo(0x86);
        }

        assertThat(scram(name, password, guesser)).isEqualTo(0x8A);
        assertThat(three(account(name, password), guesser)).isEqualTo(5);
        assertThat(scram(name, password, home)).isEqualTo(ACCEPTED);
        assertThat(three(account(name, password), home)).isEqualTo(ACCEPTED);
    }

    @Test
    void anAddressThatTriesManyNamesIsBarredButForThoseAtHomeThere() {
        assertThat(three(right(), guesser)).isEqualTo(ACCEPTED);
        for (int i = 0; i < 20; i++) {
            assertThat(five(account("name" + i, "guess"), guesser)).isEqualTo(0x86);
        }
        double refused = metric("muster_sign_in_guard_refusals_total{guard=\"address\"}");

        assertThat(three(account("another", "guess"), guesser)).isEqualTo(5);
        assertThat(scram("another", "guess", guesser)).isEqualTo(0x8A);
        assertThat(three(right(), guesser)).isEqualTo(ACCEPTED);
        assertThat(bars()).contains("address/" + guesser).doesNotContain("address/" + home);
        assertThat(metric("muster_sign_in_guard_refusals_total{guard=\"address\"}"))
                .isEqualTo(refused + 2);
        assertThat(metric("muster_sign_in_guard_bars{guard=\"address\"}")).isPositive();
        assertThat(metric("muster_sign_ins_total{authenticator=\"guard\",outcome=\"banned\"}"))
                .isPositive();
    }

    @Test
    void anOperatorLiftsABar() {
        for (int i = 0; i < 5; i++) {
            three(wrong(), guesser);
        }
        String bar = "name/" + guesser + "/" + key + "&demo";
        assertThat(bars()).contains(bar);

        assertThat(running.operator().delete("/api/v1/bars/" + bar).status()).isEqualTo(204);

        assertThat(bars()).doesNotContain(bar);
        assertThat(three(right(), guesser)).isEqualTo(ACCEPTED);
    }

    @Test
    void aDisabledDeviceThatTriesOnIsBarredUntilItIsEnabled() {
        running.operator().post("/api/v1/products/demo/devices/" + key + "/disable");
        for (int i = 0; i < 5; i++) {
            assertThat(five(right(), home)).isEqualTo(0x87);
        }
        assertThat(five(right(), home)).isEqualTo(0x8A);

        running.operator().post("/api/v1/products/demo/devices/" + key + "/enable");

        await().until(() -> !bars().contains("name/" + home + "/" + key + "&demo"));
        assertThat(five(right(), home)).isEqualTo(ACCEPTED);
    }

    @Test
    void whoGuessesWhereAllAreLetInLearnsNothingAnyMore() throws Exception {
        String name = running.demo().applicationUsername();
        for (int i = 0; i < 5; i++) {
            assertThat(three(account(name, "guess" + i), guesser, "open")).isEqualTo(ACCEPTED);
        }

        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(name);
        options.setPassword(running.demo().applicationPassword().toCharArray());
        options.setSocketFactory(new BoundSockets(guesser));
        try (MqttClient client = new MqttClient("tcp://127.0.0.1:" + port("open"), key, null)) {
            client.connect(options);
            assertThat(
                            running.operator()
                                    .get("/api/v1/clients/" + key)
                                    .json()
                                    .path("principal")
                                    .asText())
                    .isEqualTo("anonymous");
            client.disconnect();
        }
        assertThat(three(account(name, running.demo().applicationPassword()), guesser))
                .isEqualTo(5);
    }

    @Test
    void nothingIsCountedWhereTheOperatorSaysSo() {
        for (int i = 0; i < 25; i++) {
            assertThat(five(account("name" + i, "guess"), EXEMPT)).isEqualTo(0x86);
        }

        assertThat(three(right(), EXEMPT)).isEqualTo(ACCEPTED);
    }

    @Test
    void aDeviceThatConnectsTooOftenIsBarredWhereverItIs() {
        for (int i = 0; i < 4; i++) {
            assertThat(three(right(), home)).isEqualTo(ACCEPTED);
        }

        assertThat(three(right(), home)).isEqualTo(5);
        assertThat(five(right(), guesser)).isEqualTo(0x8A);
        assertThat(bars()).contains("rate/device:demo/" + key);
        assertThat(metric("muster_sign_in_guard_refusals_total{guard=\"rate\"}"))
                .isGreaterThanOrEqualTo(2);
    }
}
