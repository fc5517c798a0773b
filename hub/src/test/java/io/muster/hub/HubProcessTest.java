package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub as a process of its own: signals, crashes, plug-ins and refused starts. */
class HubProcessTest {

    private static final String DEVICES = "/api/v1/products/plant/devices";

    private final Path home;

    HubProcessTest(@TempDir Path home) {
        this.home = home;
    }

    private static Mqtt5BlockingClient client(HubProcess hub, String clientId) throws IOException {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(hub.mqttPort())
                .buildBlocking();
    }

    private static Mqtt5BlockingClient connect(
            HubProcess hub, String clientId, String username, String password) throws IOException {
        Mqtt5BlockingClient client = client(hub, clientId);
        client.connectWith()
                .simpleAuth()
                .username(username)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        return client;
    }

    private static Mqtt5BlockingClient connectDevice(HubProcess hub, String key, String secret)
            throws IOException {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("plant", key),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        return connect(hub, signed.clientId(), signed.username(), signed.password());
    }

    private static String createDevice(HubProcess hub, String key) throws IOException {
        return hub.operator()
                .post(DEVICES, "{\"deviceKey\":\"" + key + "\"}")
                .json()
                .path("deviceSecret")
                .asText();
    }

    private static String state(HubProcess hub, String key) throws IOException {
        return hub.operator().get(DEVICES + "/" + key).json().path("state").asText();
    }

    @Test
    void everythingButConnectionsOutlivesAKill() throws Exception {
        String online;
        String barred;
        try (HubProcess hub = HubProcess.start(home, Map.of())) {
            hub.operator().post("/api/v1/products", "{\"productKey\":\"plant\"}");
            hub.operator()
                    .post(
                            "/api/v1/applications",
                            "{\"username\":\"backend\",\"password\":\"the-password-of-backend\"}");
            online = createDevice(hub, "online");
            barred = createDevice(hub, "barred");
            hub.operator().post(DEVICES + "/barred/disable");
            connectDevice(hub, "online", online);
            // A crash may destroy the states of the last half second; this one is to be on the
            // disk.
            Awaitility.await().until(this::hasWrittenThatADeviceIsOnline);
            hub.kill();
        }

        try (HubProcess hub = HubProcess.start(home, Map.of())) {
            assertThat(state(hub, "online")).isEqualTo("OFFLINE");
            assertThat(state(hub, "barred")).isEqualTo("DISABLED");
            Mqtt5BlockingClient application =
                    connect(hub, "app", "backend", "the-password-of-backend");
            Map<String, String> states = states(application);
            // A device that had not been written as online is inactive or offline, but never
            // online.
            Awaitility.await().until(() -> states.keySet().size() == 3);
            assertThat(states).containsEntry("barred", "DISABLED");
            assertThat(states).doesNotContainValue("ONLINE");
            connectDevice(hub, "online", online).disconnect();
            assertRefused(
                    () -> connectDevice(hub, "barred", barred),
                    Mqtt5ConnAckReasonCode.NOT_AUTHORIZED);
            application.disconnect();
        }
    }

    @Test
    void leavesNothingInTheFolderForTemporaryFiles() throws Exception {
        Path temporary = Files.createDirectory(home.resolve("temporary"));
        String option = "-Djava.io.tmpdir=" + temporary;
        try (HubProcess hub = HubProcess.start(home, Map.of("MUSTER_JAVA_OPTS", option))) {
            hub.kill();
        }

        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void startsThoughTheLibraryItKeptCannotBeLoaded() throws Exception {
        HubProcess.start(home, Map.of()).close();
        try (Stream<Path> files = Files.walk(home.resolve("data"))) {
            Path library =
                    files.filter(file -> file.endsWith(System.mapLibraryName("sqlitejdbc")))
                            .findFirst()
                            .orElseThrow();
            Files.writeString(library, "rubbish");
        }

        try (HubProcess hub = HubProcess.start(home, Map.of())) {
            assertThat(hub.operator().get("/api/v1/products").status()).isEqualTo(200);
        }
    }

    private boolean hasWrittenThatADeviceIsOnline() throws SQLException {
        try (Connection registry =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + home.resolve("data/registry.db"));
                Statement statement = registry.createStatement();
                ResultSet online =
                        statement.executeQuery("SELECT COUNT(*) FROM device WHERE status = 1")) {
            return online.next() && online.getInt(1) == 1;
        }
    }

    private static Map<String, String> states(Mqtt5BlockingClient application) {
        Map<String, String> states = new ConcurrentHashMap<>();
        application
                .toAsync()
                .subscribeWith()
                .topicFilter("$muster/devices/+/+/state")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(
                        message -> {
                            JsonNode state = json(message.getPayloadAsBytes());
                            states.put(
                                    state.path("deviceKey").asText(), state.path("state").asText());
                        })
                .send()
                .join();
        return states;
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return new JsonMapper().readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void ctrlCTellsTheClientsAndEndsWithZero() throws Exception {
        try (HubProcess hub = HubProcess.start(home, Map.of())) {
            Assumptions.assumeFalse(hub.ignoresInterrupts(), "this build ignores SIGINT");
            JsonNode demo = new JsonMapper().readTree(home.resolve("data/demo.json").toFile());
            AtomicReference<Throwable> cause = new AtomicReference<>();
            Mqtt5BlockingClient client =
                    Mqtt5Client.builder()
                            .identifier("app")
                            .serverHost("127.0.0.1")
                            .serverPort(hub.mqttPort())
                            .addDisconnectedListener(context -> cause.set(context.getCause()))
                            .buildBlocking();
            client.connectWith()
                    .simpleAuth()
                    .username(demo.path("applicationUsername").asText())
                    .password(
                            demo.path("applicationPassword")
                                    .asText()
                                    .getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth()
                    .send();

            hub.interrupt();

            assertThat(hub.exitCode()).isZero();
            assertThat(hub.out()).endsWith("muster stopped\n");
            Awaitility.await().until(() -> cause.get() instanceof Mqtt5DisconnectException);
            assertThat(cause.get())
                    .isInstanceOfSatisfying(
                            Mqtt5DisconnectException.class,
                            told ->
                                    assertThat(told.getMqttMessage().getReasonCode())
                                            .isEqualTo(
                                                    Mqtt5DisconnectReasonCode
                                                            .SERVER_SHUTTING_DOWN));
        }
    }

    @Test
    void aPlugInDecidesWhoIsLetIn() throws Exception {
        Map<String, String> environment = plugIn();
        configure("{ type = badge, name = gate, number = \"4711\" }, { type = application }");

        try (HubProcess hub = HubProcess.start(home, environment)) {
            connect(hub, "c1", "badge:4711", "x").disconnect();
            assertRefused(
                    () -> connect(hub, "c2", "badge:1", "x"),
                    Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertRefused(
                    () -> connect(hub, "c3", "nobody", "x"),
                    Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
            assertThat(hub.operator().withoutToken().get("/metrics").text())
                    .contains("authenticator=\"gate\",outcome=\"accepted\"} 1.0");
        }
    }

    @Test
    void aTypeThatNobodyBringsStopsTheStart() throws Exception {
        configure("{ type = badge, name = gate, number = \"4711\" }");

        try (HubProcess hub = HubProcess.launch(home, Map.of())) {
            assertThat(hub.exitCode()).isEqualTo(2);
            assertThat(complaints(hub))
                    .singleElement()
                    .asString()
                    .contains("muster.conf:1", "authentication.chain.0.type", "badge");
        }
    }

    @Test
    void aSettingThatThePlugInMissesStopsTheStart() throws Exception {
        Map<String, String> environment = plugIn();
        configure("{ type = badge, name = gate }");

        try (HubProcess hub = HubProcess.launch(home, environment)) {
            assertThat(hub.exitCode()).isEqualTo(2);
            assertThat(complaints(hub)).singleElement().asString().contains("gate", "number");
        }
    }

    private static List<String> complaints(HubProcess hub) throws IOException {
        return hub.err().lines().filter(line -> line.startsWith("muster: ")).toList();
    }

    private void configure(String chain) throws IOException {
        Files.writeString(
                home.resolve("muster.conf"), "authentication.chain = [ " + chain + " ]\n");
    }

    /**
     * Compiles the example plug-in into a jar, and returns the environment that names its folder.
     */
    private Map<String, String> plugIn() throws IOException, URISyntaxException {
        Path classes = Files.createDirectories(home.resolve("classes"));
        Path plugIns = Files.createDirectories(home.resolve("my-plugins"));
        Path spi =
                Path.of(
                        AuthenticatorProvider.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        int exit =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-classpath",
                                spi.toString(),
                                "-d",
                                classes.toString(),
                                "../auth/src/test/resources/plugin/BadgeProvider.java");
        assertThat(exit).as("exit code of javac").isZero();
        try (OutputStream file = Files.newOutputStream(plugIns.resolve("badge.jar"));
                JarOutputStream jar = new JarOutputStream(file);
                Stream<Path> compiled = Files.walk(classes)) {
            jar.putNextEntry(
                    new JarEntry("META-INF/services/" + AuthenticatorProvider.class.getName()));
            jar.write("com.example.badge.BadgeProvider".getBytes(StandardCharsets.UTF_8));
            for (Path path : compiled.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(path).toString()));
                jar.write(Files.readAllBytes(path));
            }
        }
        return Map.of("MUSTER_PLUGINS", plugIns.toString());
    }

    private interface Connecting {
        void connect() throws IOException;
    }

    private static void assertRefused(Connecting connecting, Mqtt5ConnAckReasonCode code) {
        assertThatThrownBy(connecting::connect)
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused ->
                                assertThat(refused.getMqttMessage().getReasonCode())
                                        .isEqualTo(code));
    }
}
