package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.GatewaySite.Client;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.certificates.MovedClock;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.tls.Certificates;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub whose PostgreSQL server ends and comes back, seen from outside. */
class RegistryOutageTest {

    private static final int UNAVAILABLE = 3;
    private static final int BAD_CREDENTIALS = 4;
    private static final int SERVER_UNAVAILABLE = 0x88;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Path folder;
    private int port;
    private @Nullable EmbeddedPostgres server;
    private @Nullable RunningHub hub;

    @BeforeEach
    void startAServer(@TempDir Path empty) {
        folder = empty;
        try {
            server = builder().start();
            port = server.getPort();
        } catch (IOException | RuntimeException failed) {
            throw Requirement.POSTGRES.missing("no PostgreSQL here: " + failed);
        }
    }

    @AfterEach
    void stop() throws IOException {
        if (server == null && port > 0) {
            bringTheServerBack();
        }
        if (hub != null) {
            hub.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private EmbeddedPostgres.Builder builder() {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgresql"))
                .setCleanDataDirectory(false);
    }

    private RunningHub startHub(Duration grace) {
        return startHub(RunningHub.config(folder.resolve("data")), grace, Clock.systemUTC());
    }

    private RunningHub startHub(HubConfig plain, Duration grace, Clock ofCertificates) {
        hub =
                RunningHub.start(
                        new HubConfig(
                                plain.dataFolder(),
                                plain.broker(),
                                plain.certificates(),
                                plain.authentication(),
                                plain.permissions(),
                                plain.devices(),
                                new HubConfig.Registry(
                                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                                        "postgres",
                                        "",
                                        2,
                                        Duration.ofSeconds(1),
                                        grace),
                                plain.management()),
                        ofCertificates);
        return hub;
    }

    private void loseTheServer(RunningHub running) throws IOException {
        if (server != null) {
            server.close();
        }
        server = null;
        await().atMost(PATIENCE).until(() -> metrics(running).contains(AVAILABLE + "0.0"));
    }

    private static final String AVAILABLE = "muster_registry_available{operation=\"read\"} ";

    private void bringTheServerBack() throws IOException {
        server = builder().setPort(port).start();
    }

    private static String metrics(RunningHub running) {
        return running.operator().withoutToken().get("/metrics").text();
    }

    private static void assertRefused(RunningHub running, String device, String secret, int code) {
        assertThatThrownBy(() -> running.connectDevice(device, secret))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(refusal -> assertThat(refusal.getReasonCode()).isEqualTo(code));
    }

    /** And trusts this authority, whose certificates only open the way in. */
    private HubConfig withMutualTls(Authority authority) {
        HubConfig plain = RunningHub.config(folder.resolve("data"));
        HubConfig.Tls none = HubConfig.Tls.NONE;
        Path certificate = folder.resolve("server.pem");
        Path key = folder.resolve("server.key");
        Certificates.server(Certificates.ec(), "localhost", Instant.now().plus(Duration.ofDays(2)))
                .write(certificate, key);
        return RunningHub.withTls(
                plain,
                new HubConfig.Tls(
                        none.provider(),
                        List.of(new HubConfig.Tls.CertificateFiles(certificate, key)),
                        Optional.of(
                                TestPki.write(
                                        folder.resolve("clients.pem"), authority.certificate())),
                        none.handshakeTimeout(),
                        none.handshakesMax(),
                        none.reloadInterval()),
                RunningHub.listener("mtls", TlsMode.MUTUAL));
    }

    private static int signIn(RunningHub running, Issued certificate, String secret) {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", "d1"),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        InetSocketAddress address =
                Objects.requireNonNull(running.hub().mqttAddresses().get("mtls"));
        try (TlsClient client = new TlsClient(address, certificate.context())) {
            return client.connect(signed.clientId(), signed.username(), signed.password());
        }
    }

    @Test
    void whoShowedACertificateThatIsBoundToNobodyBeforeSignsInWithIt() throws Exception {
        Authority authority = new Authority("clients");
        RunningHub running =
                startHub(withMutualTls(authority), Duration.ofHours(1), Clock.systemUTC());
        String secret = running.createDevice("d1");
        Issued known = authority.issue(Wanted.of("CN=known"));
        Issued strange = authority.issue(Wanted.of("CN=strange"));
        assertThat(signIn(running, known, secret)).isZero();

        loseTheServer(running);

        assertThat(signIn(running, known, secret)).isZero();
        assertThat(signIn(running, strange, secret)).isEqualTo(0x88);
        bringTheServerBack();
        await().atMost(PATIENCE).until(() -> signIn(running, strange, secret) == 0);
    }

    @Test
    void knownDevicesAndApplicationsGoOnAndAllElseIsUnavailableUntilItIsBack() throws Exception {
        RunningHub running = startHub(Duration.ofHours(1));
        String secret = running.createDevice("d1");
        String other = running.createDevice("d2");
        MqttClient device = running.connectDevice("d1", secret);
        RunningHub.disconnect(running.connectApplication("backend"));

        loseTheServer(running);

        assertThat(device.isConnected()).isTrue();
        RunningHub.disconnect(device);
        MqttClient again = running.connectDevice("d1", secret);
        RunningHub.disconnect(running.connectApplication("backend"));
        assertRefused(running, "d1", "wrong", BAD_CREDENTIALS);
        assertRefused(running, "d2", other, UNAVAILABLE);
        assertRefused(running, "nobody", other, UNAVAILABLE);
        Answer refused = running.operator().post("/api/v1/products/demo/devices", "{}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.json().path("detail").asText())
                .isEqualTo("the registry cannot be asked now; try again later");
        Answer ready = running.operator().withoutToken().get("/health/ready");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.text()).contains("registry");
        assertThat(running.operator().withoutToken().get("/health/live").status()).isEqualTo(200);
        assertThat(metrics(running))
                .contains("muster_registry_available{operation=\"write\"} 0.0")
                .containsPattern(
                        "muster_registry_outage_seconds_total\\{operation=\"read\"\\} [1-9]")
                .contains("muster_device_states_waiting 1.0");

        bringTheServerBack();

        await().atMost(PATIENCE).until(() -> metrics(running).contains(AVAILABLE + "1.0"));
        RunningHub.disconnect(running.connectDevice("d2", other));
        assertRefused(running, "nobody", other, BAD_CREDENTIALS);
        assertThat(running.state("d1")).isEqualTo("ONLINE");
        await().atMost(PATIENCE)
                .until(() -> metrics(running).contains("muster_device_states_waiting 0.0"));
        await().atMost(PATIENCE)
                .until(
                        () ->
                                running.operator().withoutToken().get("/health/ready").status()
                                        == 200);
        RunningHub.disconnect(again);
    }

    private static Secret create(RunningHub running, DeviceId id) {
        return Secret.of(
                running.operator()
                        .post(
                                "/api/v1/products/" + id.productKey() + "/devices",
                                "{\"deviceKey\":\"" + id.deviceKey() + "\"}")
                        .json()
                        .path("deviceSecret")
                        .asText());
    }

    private static Client connect(RunningHub running, DeviceId id, Secret secret)
            throws MqttException {
        SignedConnect signed =
                DeviceSignature.sign(id, secret, SignMethod.SHA256, GatewaySite.TIMESTAMP);
        return new Client(
                id, running.connect(signed.clientId(), signed.username(), signed.password()));
    }

    @Test
    void gatewaysThatAreKnownGoOnAndTheDevicesThatTheySignIn() throws Exception {
        RunningHub running = startHub(Duration.ofHours(1));
        running.operator()
                .post("/api/v1/products", "{\"productKey\":\"gwp\",\"type\":\"GATEWAY\"}");
        DeviceId known = new DeviceId("gwp", "g1");
        DeviceId unknown = new DeviceId("gwp", "g2");
        DeviceId sub = new DeviceId("demo", "s1");
        Secret secret = create(running, known);
        Secret other = create(running, unknown);
        Secret ofSub = create(running, sub);
        running.operator().call("PUT", GatewaySite.path(known) + "/subdevices/" + sub);
        Client before = connect(running, known, secret);
        assertThat(before.login(sub, ofSub).path("code").asInt()).isEqualTo(200);

        loseTheServer(running);
        before.close();
        Client again = connect(running, known, secret);

        assertThat(again.login(sub, ofSub).path("code").asInt()).isEqualTo(200);
        assertThat(again.post(sub).path("code").asInt()).isEqualTo(200);
        assertThatThrownBy(() -> connect(running, unknown, other))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(refusal -> assertThat(refusal.getReasonCode()).isEqualTo(UNAVAILABLE));
        again.close();
    }

    @Test
    void withoutAGraceNobodyIsLetIn() throws Exception {
        RunningHub running = startHub(Duration.ZERO);
        String secret = running.createDevice("d1");
        MqttClient device = running.connectDevice("d1", secret);
        RunningHub.disconnect(running.connectApplication("backend"));

        loseTheServer(running);

        assertThat(device.isConnected()).isTrue();
        RunningHub.disconnect(device);
        assertRefused(running, "d1", secret, UNAVAILABLE);
        assertThatThrownBy(() -> running.connectApplication("backend"))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(refusal -> assertThat(refusal.getReasonCode()).isEqualTo(UNAVAILABLE));

        bringTheServerBack();
        await().atMost(PATIENCE).until(() -> metrics(running).contains(AVAILABLE + "1.0"));
        RunningHub.disconnect(running.connectDevice("d1", secret));
    }

    /** Connects the device {@code d1} of the product {@code dyn}. */
    private static MqttClient connect(RunningHub running, String secret, int mode)
            throws MqttException {
        String digest =
                new DeviceSignature(SignMethod.SHA256, "d1", "d1", "dyn", "1700000000000")
                        .compute(Secret.of(secret));
        return running.connect(
                "d1|securemode=%d,signmethod=sha256,timestamp=1700000000000|".formatted(mode),
                "d1&dyn",
                digest);
    }

    @Test
    void aFirstSignInThatMustBeWrittenIsRefusedAndDoneLater() throws Exception {
        RunningHub running = startHub(Duration.ofHours(1));
        running.operator()
                .post("/api/v1/products", "{\"productKey\":\"dyn\",\"dynamicActivation\":true}");
        String secret =
                running.operator()
                        .post("/api/v1/products/dyn/devices", "{\"deviceKey\":\"d1\"}")
                        .json()
                        .path("deviceSecret")
                        .asText();
        // In memory, with its product, but never signed in.
        assertThatThrownBy(() -> connect(running, "wrong", 3)).isInstanceOf(MqttException.class);
        assertThat(running.operator().get("/api/v1/products/dyn/devices/d1").status())
                .isEqualTo(200);

        loseTheServer(running);
        assertThatThrownBy(() -> connect(running, secret, 2))
                .asInstanceOf(InstanceOfAssertFactories.type(MqttException.class))
                .satisfies(refusal -> assertThat(refusal.getReasonCode()).isEqualTo(UNAVAILABLE));

        bringTheServerBack();
        await().atMost(PATIENCE).until(() -> metrics(running).contains(AVAILABLE + "1.0"));
        RunningHub.disconnect(connect(running, secret, 2));
    }

    private static SSLContext certificate(RunningHub running, String device) {
        KeyPair keys = TestPki.ec();
        return TestPki.context(
                keys,
                TestPki.certificate(
                        running.operator()
                                .post(
                                        "/api/v1/products/demo/devices/" + device + "/certificates",
                                        "{\"csr\":\""
                                                + TestPki.csr(keys).replace("\n", "\\n")
                                                + "\"}")
                                .json()
                                .path("certificate")
                                .asText()));
    }

    private static int signIn(RunningHub running, SSLContext certificate) {
        try (TlsClient client = client(running, certificate)) {
            return client.connect("any", null, null);
        }
    }

    private static TlsClient client(RunningHub running, SSLContext certificate) {
        return new TlsClient(
                Objects.requireNonNull(running.hub().mqttAddresses().get("mtls")), certificate);
    }

    /** What is revoked is known for the grace; a clock of its own is moved beyond that. */
    @Test
    void certificatesThatAreKnownOpenTheWayInForTheGrace() throws Exception {
        MovedClock clock = new MovedClock(Clock.systemUTC());
        RunningHub running =
                startHub(
                        CertifiedHub.config(
                                folder.resolve("data"), TlsProvider.AUTO, TrustConfig.NONE),
                        Duration.ofHours(1),
                        clock);
        var unused = running.createDevice("c1") + running.createDevice("c2");
        SSLContext known = certificate(running, "c1");
        SSLContext unknown = certificate(running, "c2");
        assertThat(signIn(running, known)).isZero();

        loseTheServer(running);
        assertThat(signIn(running, unknown)).as("never seen").isEqualTo(SERVER_UNAVAILABLE);
        try (TlsClient client = client(running, known)) {
            assertThat(client.connect("any", null, null)).isZero();

            clock.advance(Duration.ofMinutes(61));
            assertThat(signIn(running, known)).isEqualTo(TlsClient.CLOSED);
            assertThat(running.operator().withoutToken().get("/health/ready").text())
                    .contains("device-ec-g1: revocation list is stale");
            assertThat(client.isAlive()).as("who is connected stays").isTrue();
        }

        bringTheServerBack();
        await().atMost(PATIENCE).until(() -> signIn(running, unknown) == 0);
        assertThat(signIn(running, known)).isZero();
    }
}
