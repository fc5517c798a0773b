package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.hub.config.HubConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub: how it starts, stops and starts again. */
class HubTest {

    private final Path folder;

    HubTest(@TempDir Path parent) {
        this.folder = parent.resolve("data");
    }

    @Test
    void isReadyOnceItHasStarted() {
        try (RunningHub running = RunningHub.start(folder)) {
            assertThat(running.operator().get("/health/ready").text())
                    .isEqualTo("{\"status\":\"UP\"}");
            assertThat(running.hub().mqttAddresses()).containsOnlyKeys("mqtt");
            assertThat(running.hub().managementAddress().getAddress().isLoopbackAddress()).isTrue();
        }
    }

    @Test
    void keepsEverythingInAFolderForItsOwnerOnly() throws IOException {
        try (RunningHub running = RunningHub.start(folder)) {
            assertThat(running.token()).hasSize(43);
            assertThat(mode(folder)).isEqualTo("rwx------");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.toList())
                        .extracting(path -> path.getFileName().toString())
                        .contains("operator-token", "secret.key", "registry.db", "demo.json");
            }
            for (String file : new String[] {"operator-token", "secret.key", "demo.json"}) {
                assertThat(mode(folder.resolve(file))).isEqualTo("rw-------");
            }
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void theDemoDeviceAndTheDemoApplicationCanSignIn() throws Exception {
        try (RunningHub running = RunningHub.start(folder)) {
            FirstStart demo = running.demo();

            MqttClient device = running.connectDevice(demo.deviceKey(), demo.deviceSecret());
            MqttClient application = running.connectApplication("app-1");

            RunningHub.disconnect(device);
            RunningHub.disconnect(application);
        }
    }

    @Test
    void keepsProductsDevicesTokenAndStatesOverARestart() throws Exception {
        String token;
        String secret;
        try (RunningHub running = RunningHub.start(folder)) {
            token = running.token();
            secret = running.createDevice("lasting");
            RunningHub.disconnect(running.connectDevice("lasting", secret));
            Awaitility.await().until(() -> running.state("lasting").equals("OFFLINE"));
        }

        try (RunningHub running = RunningHub.start(folder)) {
            assertThat(running.hub().firstStart()).isEmpty();
            assertThat(running.token()).isEqualTo(token);
            assertThat(running.state("lasting")).isEqualTo("OFFLINE");
            RunningHub.disconnect(running.connectDevice("lasting", secret));
        }
    }

    @Test
    void aDeviceThatWasConnectedWhenTheHubStoppedIsOfflineAfterwards() throws Exception {
        MqttClient device;
        try (RunningHub running = RunningHub.start(folder)) {
            device = running.connectDevice("demo-device", running.demo().deviceSecret());
            assertThat(running.state("demo-device")).isEqualTo("ONLINE");
        }
        Awaitility.await().until(() -> !device.isConnected());
        device.close();

        try (RunningHub running = RunningHub.start(folder)) {
            assertThat(running.state("demo-device")).isEqualTo("OFFLINE");
        }
    }

    @Test
    void refusesASecondHubOnTheSameFolderAndLeavesTheFirstAlone() {
        try (RunningHub running = RunningHub.start(folder)) {
            assertThatThrownBy(() -> Hub.start(RunningHub.config(folder)))
                    .isInstanceOf(HubStartException.class)
                    .hasMessageContaining("data folder")
                    .hasMessageContaining("is in use by another hub");

            assertThat(running.operator().get("/health/ready").status()).isEqualTo(200);
        }
    }

    @Test
    void listensNoLongerOnceItIsClosed() {
        RunningHub running = RunningHub.start(folder);
        InetSocketAddress management = running.hub().managementAddress();
        List<InetSocketAddress> mqtt = List.copyOf(running.hub().mqttAddresses().values());

        running.close();
        running.close();

        assertThat(mqtt).isNotEmpty().allSatisfy(HubTest::assertRefused);
        assertRefused(management);
    }

    private static void assertRefused(InetSocketAddress address) {
        assertThatThrownBy(
                        () -> {
                            try (Socket socket = new Socket()) {
                                socket.connect(address, 5_000);
                            }
                        })
                .isInstanceOf(IOException.class);
    }

    @Test
    void leavesNothingOpenWhenAPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HubConfig good = RunningHub.config(folder);
            HubConfig bad =
                    new HubConfig(
                            folder,
                            good.broker(),
                            good.certificates(),
                            good.authentication(),
                            good.permissions(),
                            good.devices(),
                            good.registry(),
                            new HubConfig.Management("127.0.0.1", taken.getLocalPort()));

            assertThatThrownBy(() -> Hub.start(bad))
                    .isInstanceOf(HubStartException.class)
                    .hasMessageContaining("management API")
                    .hasMessageContaining("management.port " + taken.getLocalPort());
        }
        // The folder is free again, and the first start was not lost half-way.
        try (RunningHub running = RunningHub.start(folder)) {
            assertThat(running.operator().get("/api/v1/products/demo").status()).isEqualTo(200);
        }
    }

    @Test
    void namesTheListenerThatCannotBeBound() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HubConfig good = RunningHub.config(folder);
            HubConfig bad =
                    new HubConfig(
                            folder,
                            BrokerConfig.of(
                                    List.of(
                                            new ListenerConfig(
                                                    "plant", "127.0.0.1", taken.getLocalPort()))),
                            good.certificates(),
                            good.authentication(),
                            good.permissions(),
                            good.devices(),
                            good.registry(),
                            good.management());

            assertThatThrownBy(() -> Hub.start(bad))
                    .isInstanceOf(HubStartException.class)
                    .hasMessageContaining("MQTT listeners")
                    .hasMessageContaining("plant");
        }
    }

    @Test
    void doesNotStartWithoutAnyoneToAskAboutAClient() {
        assertThatThrownBy(() -> Hub.start(withChain(List.of())))
                .isInstanceOf(HubStartException.class)
                .hasMessageContaining("authentication")
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void doesNotStartWithAnAuthenticatorThatThereIsNot() {
        HubConfig.Authentication.Entry unknown =
                new HubConfig.Authentication.Entry(
                        "ldap", new AuthenticatorProvider.Settings("staff", Map.of()));

        assertThatThrownBy(() -> Hub.start(withChain(List.of(unknown))))
                .isInstanceOf(HubStartException.class)
                .hasMessageContaining("staff")
                .hasMessageContaining("ldap");
    }

    private HubConfig withChain(List<HubConfig.Authentication.Entry> chain) {
        HubConfig good = RunningHub.config(folder);
        return new HubConfig(
                folder,
                good.broker(),
                good.certificates(),
                new HubConfig.Authentication(
                        chain,
                        Duration.ofSeconds(5),
                        good.authentication().scramIterations(),
                        good.authentication().guard(),
                        List.of(),
                        Set.of()),
                good.permissions(),
                good.devices(),
                good.registry(),
                good.management());
    }

    @Test
    void letsAClientWithoutCredentialsInOnlyWhereTheOperatorWantsThat() throws Exception {
        HubConfig good = RunningHub.config(folder);
        HubConfig open =
                new HubConfig(
                        folder,
                        BrokerConfig.of(
                                List.of(
                                        new ListenerConfig("open", "127.0.0.1", 0),
                                        new ListenerConfig("closed", "127.0.0.1", 0))),
                        good.certificates(),
                        anonymousOn(Set.of("open")),
                        good.permissions(),
                        good.devices(),
                        good.registry(),
                        good.management());
        try (Hub hub = Hub.start(open)) {
            MqttClient client = new MqttClient(uri(hub, "open"), "anybody", null);
            client.connect();
            RunningHub.disconnect(client);

            try (MqttClient refused = new MqttClient(uri(hub, "closed"), "anybody", null)) {
                assertThatThrownBy(refused::connect).hasMessageContaining("Not authorized");
            }
        }
    }

    @Test
    void letsAClientThatNobodyKnowsInAsAnonymousWhereTheOperatorWantsThat() throws Exception {
        try (Hub hub = Hub.start(restricted(new HubConfig.Permissions(List.of(), List.of())))) {
            try (MqttClient client = new MqttClient(uri(hub, "mqtt"), "pk1/dev1", null)) {
                client.connect(account("nobody", "wrong"));
                assertThatThrownBy(() -> client.subscribe("$muster/#"))
                        .isInstanceOf(MqttException.class);
                RunningHub.disconnect(client);
            }
        }
    }

    @Test
    void anAnonymousClientNeitherHearsNorSpeaksForDevices() throws Exception {
        try (Hub hub = Hub.start(restricted(new HubConfig.Permissions(List.of(), List.of())))) {
            FirstStart demo = hub.firstStart().orElseThrow();
            BlockingQueue<String> anonymous = new LinkedBlockingQueue<>();
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            try (MqttClient nobody = new MqttClient(uri(hub, "mqtt"), "nobody", null);
                    MqttClient application = new MqttClient(uri(hub, "mqtt"), "backend", null)) {
                nobody.connect(new MqttConnectOptions());
                application.connect(
                        account(demo.applicationUsername(), demo.applicationPassword()));
                nobody.subscribe("#", 1, (topic, message) -> anonymous.add(topic));
                application.subscribe("#", 1, (topic, message) -> heard.add(topic));

                nobody.publish("/sys/demo/d1/thing/service/reboot", new byte[0], 1, false);
                application.publish("/sys/demo/d1/thing/service/reboot", new byte[0], 1, false);
                application.publish("/muster/devices/demo/d1/commands", new byte[0], 1, false);
                application.publish("end", new byte[0], 1, false);

                assertThat(anonymous.poll(10, TimeUnit.SECONDS)).isEqualTo("end");
                assertThat(heard.poll(10, TimeUnit.SECONDS))
                        .isEqualTo("/sys/demo/d1/thing/service/reboot");
                assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("/muster/devices/demo/");
                RunningHub.disconnect(application);
                RunningHub.disconnect(nobody);
            }
        }
    }

    @Test
    void noClientMayUseWhatTheRulesForEverybodyDeny() throws Exception {
        HubConfig.Permissions permissions =
                new HubConfig.Permissions(List.of("test/nosubscribe"), List.of("test/nopublish"));
        try (Hub hub = Hub.start(restricted(permissions))) {
            FirstStart demo = hub.firstStart().orElseThrow();
            MqttConnectOptions application =
                    account(demo.applicationUsername(), demo.applicationPassword());
            for (MqttConnectOptions options : List.of(new MqttConnectOptions(), application)) {
                try (MqttClient client = new MqttClient(uri(hub, "mqtt"), "c", null)) {
                    client.connect(options);
                    client.subscribe("#");
                    client.subscribe("test/yes");
                    assertThatThrownBy(() -> client.subscribe("test/nosubscribe"))
                            .isInstanceOf(MqttException.class);
                    RunningHub.disconnect(client);
                }
            }
        }
    }

    private HubConfig.Authentication anonymousOn(Set<String> listeners) {
        HubConfig.Authentication usual = RunningHub.config(folder).authentication();
        return new HubConfig.Authentication(
                usual.chain(),
                usual.deadline(),
                usual.scramIterations(),
                usual.guard(),
                usual.exempt(),
                listeners);
    }

    private HubConfig restricted(HubConfig.Permissions permissions) {
        HubConfig good = RunningHub.config(folder);
        return new HubConfig(
                folder,
                good.broker(),
                good.certificates(),
                anonymousOn(Set.of("mqtt")),
                permissions,
                good.devices(),
                good.registry(),
                good.management());
    }

    private static MqttConnectOptions account(String username, String password) {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName(username);
        options.setPassword(password.toCharArray());
        return options;
    }

    private static String uri(Hub hub, String listener) {
        InetSocketAddress address = hub.mqttAddresses().get(listener);
        assertThat(address).isNotNull();
        return "tcp://127.0.0.1:" + address.getPort();
    }
}
