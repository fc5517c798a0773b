package io.muster.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.pace.TakeOverLimits;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A started hub with its defaults, on ports that the system chose, and those who speak to it. */
public final class RunningHub implements AutoCloseable {

    private final Hub hub;
    private final Path folder;

    private RunningHub(Hub hub, Path folder) {
        this.hub = hub;
        this.folder = folder;
    }

    /** With its defaults. */
    public static RunningHub start(Path folder) {
        return start(config(folder));
    }

    /** With its defaults, and an authority of its own. */
    public static RunningHub startWithAuthority(Path folder) {
        HubConfig config = config(folder);
        return start(withCertificates(config, config.certificates().with(AuthorityConfig.DEFAULT)));
    }

    static RunningHub start(HubConfig config) {
        return new RunningHub(Hub.start(config), config.dataFolder());
    }

    /** The same where another clock says which certificates and lists are good. */
    static RunningHub start(HubConfig config, Clock ofCertificates) {
        return new RunningHub(Hub.start(config, ofCertificates), config.dataFolder());
    }

    static HubConfig config(Path folder) {
        return config(folder, Duration.ofSeconds(5));
    }

    /** The same, whose registry may take so long. */
    static HubConfig config(Path folder, Duration registryTimeout) {
        return new HubConfig(
                folder,
                BrokerConfig.of(List.of(new ListenerConfig("mqtt", "127.0.0.1", 0))),
                HubConfig.Certificates.NONE,
                new HubConfig.Authentication(
                        List.of(entry("device-secret"), entry("application")),
                        Duration.ofSeconds(5),
                        StoredPassword.SCRAM_ITERATIONS_MIN,
                        GuardSettings.DEFAULT,
                        List.of(),
                        Set.of()),
                new HubConfig.Permissions(List.of(), List.of()),
                new HubConfig.Devices(
                        10_000,
                        Duration.ofMinutes(10),
                        Duration.ZERO,
                        Duration.ofMillis(200),
                        1_000),
                new HubConfig.Registry(
                        "jdbc:sqlite:" + folder.resolve("registry.db"),
                        "",
                        "",
                        2,
                        registryTimeout,
                        Duration.ofHours(1)),
                new HubConfig.Management("127.0.0.1", 0));
    }

    /** The same with other limits of take-overs. */
    static HubConfig withTakeOvers(HubConfig config, TakeOverLimits takeOvers) {
        BrokerConfig broker = config.broker();
        return new HubConfig(
                config.dataFolder(),
                new BrokerConfig(
                        broker.listeners(),
                        broker.loops(),
                        broker.limits(),
                        broker.protocol(),
                        broker.sessions(),
                        broker.retained(),
                        new RateLimits(0, 0, 0, 0, 0, 0, takeOvers),
                        broker.times()),
                config.certificates(),
                config.authentication(),
                config.permissions(),
                config.devices(),
                config.registry(),
                config.management());
    }

    /** The same with TLS, and with listeners beside those that it has. */
    static HubConfig withTls(HubConfig config, HubConfig.Tls tls, ListenerConfig... more) {
        BrokerConfig broker = config.broker();
        List<ListenerConfig> listeners = new ArrayList<>(broker.listeners());
        listeners.addAll(List.of(more));
        return new HubConfig(
                config.dataFolder(),
                new BrokerConfig(
                        listeners,
                        broker.loops(),
                        broker.limits(),
                        broker.protocol(),
                        broker.sessions(),
                        broker.retained(),
                        broker.rates(),
                        broker.times()),
                config.certificates().with(tls),
                config.authentication(),
                config.permissions(),
                config.devices(),
                config.registry(),
                config.management());
    }

    /** The same, where a certificate alone signs a device in, before all other ways. */
    static HubConfig withSignInByCertificate(HubConfig config) {
        HubConfig.Authentication chain = config.authentication();
        List<HubConfig.Authentication.Entry> entries = new ArrayList<>();
        entries.add(entry("certificate"));
        entries.addAll(chain.chain());
        return new HubConfig(
                config.dataFolder(),
                config.broker(),
                config.certificates(),
                new HubConfig.Authentication(
                        entries,
                        chain.deadline(),
                        chain.scramIterations(),
                        chain.guard(),
                        chain.exempt(),
                        chain.anonymousListeners()),
                config.permissions(),
                config.devices(),
                config.registry(),
                config.management());
    }

    /** A listener that speaks TLS and is called so. */
    static ListenerConfig listener(String name, TlsMode mode) {
        return new ListenerConfig(
                name, "127.0.0.1", 0, Optional.empty(), Optional.empty(), Optional.of(mode));
    }

    /** The same with a management API over TLS. */
    static HubConfig withManagementTls(HubConfig config, HubConfig.ManagementTls tls) {
        return new HubConfig(
                config.dataFolder(),
                config.broker(),
                config.certificates(),
                config.authentication(),
                config.permissions(),
                config.devices(),
                config.registry(),
                config.management().with(tls));
    }

    /** The same with other certificates. */
    static HubConfig withCertificates(HubConfig config, HubConfig.Certificates certificates) {
        return with(config, certificates, config.management());
    }

    /** The same with certificates, and with a management API elsewhere. */
    static HubConfig with(
            HubConfig config,
            HubConfig.Certificates certificates,
            HubConfig.Management management) {
        return new HubConfig(
                config.dataFolder(),
                config.broker(),
                certificates,
                config.authentication(),
                config.permissions(),
                config.devices(),
                config.registry(),
                management);
    }

    static HubConfig.Authentication.Entry entry(String type) {
        return new HubConfig.Authentication.Entry(
                type, new AuthenticatorProvider.Settings(type, Map.of()));
    }

    Hub hub() {
        return hub;
    }

    /** What the first start made. */
    FirstStart demo() {
        return hub.firstStart().orElseThrow();
    }

    /** Speaks to its management API with all rights. */
    public HttpCaller operator() {
        return HttpCaller.of(hub.managementAddress(), token());
    }

    String token() {
        try {
            return Files.readAllLines(folder.resolve("operator-token")).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates a device of the demo product, and returns its secret. */
    public String createDevice(String deviceKey) {
        JsonNode created =
                operator()
                        .post(
                                "/api/v1/products/demo/devices",
                                "{\"deviceKey\":\"" + deviceKey + "\"}")
                        .json();
        return created.path("deviceSecret").asText();
    }

    String state(String deviceKey) {
        return operator()
                .get("/api/v1/products/demo/devices/" + deviceKey)
                .json()
                .path("state")
                .asText();
    }

    String mqttUri() {
        return "tcp://127.0.0.1:" + mqttAddress().getPort();
    }

    /** Where it listens for MQTT clients. */
    public InetSocketAddress mqttAddress() {
        InetSocketAddress address = hub.mqttAddresses().get("mqtt");
        if (address == null) {
            throw new IllegalStateException("there is no listener 'mqtt'");
        }
        return address;
    }

    /** Connects a device of the demo product with MQTT 3.1.1. */
    public MqttClient connectDevice(String deviceKey, String secret) throws MqttException {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", deviceKey),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        return connect(signed.clientId(), signed.username(), signed.password());
    }

    /** The same with a session that outlives the connection. */
    MqttClient connectLasting(String deviceKey, String secret) throws MqttException {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", deviceKey),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(false);
        return connect(signed.clientId(), signed.username(), signed.password(), options);
    }

    /** Connects the demo application with MQTT 3.1.1. */
    MqttClient connectApplication(String clientId) throws MqttException {
        return connect(clientId, demo().applicationUsername(), demo().applicationPassword());
    }

    MqttClient connect(String clientId, String username, String password) throws MqttException {
        return connect(clientId, username, password, new MqttConnectOptions());
    }

    private MqttClient connect(
            String clientId, String username, String password, MqttConnectOptions options)
            throws MqttException {
        return connect(
                new MqttClient(mqttUri(), clientId, new MemoryPersistence()),
                username,
                password,
                options);
    }

    /** Connects a client that may be listening already. */
    static MqttClient connect(
            MqttClient client, String username, String password, MqttConnectOptions options)
            throws MqttException {
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setUserName(username);
        options.setPassword(password.toCharArray());
        options.setConnectionTimeout(10);
        // Paho counts what is acknowledged as in flight until its thread for callbacks comes round.
        options.setMaxInflight(1_000);
        try {
            client.connect(options);
            return client;
        } catch (MqttException e) {
            client.close();
            throw e;
        }
    }

    /** Ends a client in order. */
    static void disconnect(MqttClient client) throws MqttException {
        client.disconnect();
        client.close();
    }

    static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        hub.close();
    }
}
