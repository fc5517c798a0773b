package io.muster.hub;

import static io.muster.hub.CertifiedHub.devicePath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.hub.CertifiedHub.Certified;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices with certificates of the hub's own authority: how they get in, and how they are out. */
class CertificateSignInTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int ADMINISTRATIVE_ACTION = 0x98;

    private static CertifiedHub hub;
    private static RunningHub running;

    @BeforeAll
    static void start(@TempDir Path folder) {
        hub = CertifiedHub.start(folder);
        running = hub.running();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static InetSocketAddress address(String listener) {
        return hub.address(listener);
    }

    private static JsonNode ask(String method, String path, Map<String, ?> body) {
        return hub.ask(method, path, body);
    }

    private static Certified certified() {
        return hub.certified();
    }

    private static JsonNode revoke(Certified device) {
        return hub.revoke(device);
    }

    private static TlsClient client(SSLContext context, String... versions) {
        return hub.client(context, versions);
    }

    @Test
    void oneIsLetInByItsCertificateAloneAndIsTheDevice() {
        Certified device = certified();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect("whatever", null, null)).isZero();
            await().until(() -> running.state(device.key()).equals("ONLINE"));
            assertThat(running.operator().get("/api/v1/clients/demo%2F" + device.key()).json())
                    .asString()
                    .contains("mtls");
        }
    }

    @Test
    void itsFirstSignInIsWrittenDown() {
        Certified device = certified();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect("used", null, null)).isZero();
            await().until(
                            () ->
                                    ask(
                                                    "GET",
                                                    devicePath(device.key())
                                                            + "/certificates/"
                                                            + device.serial(),
                                                    Map.of())
                                            .hasNonNull("usedAt"));
        }
    }

    @Test
    void certificateAndSecretMustBeOfTheSameDevice() {
        Certified device = certified();
        SignedConnect own = device.signed();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect(own.clientId(), own.username(), own.password())).isZero();
        }
        Certified other = certified();
        SignedConnect others = other.signed();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect(others.clientId(), others.username(), others.password()))
                    .isEqualTo(NOT_AUTHORIZED);
        }
        await().untilAsserted(
                        () ->
                                assertThat(running.operator().get("/api/v1/audit?limit=50").text())
                                        .contains("is bound to demo/" + device.key()));
    }

    @Test
    void anApplicationIsNotLetInByTheCertificateOfADevice() {
        Certified device = certified();
        FirstStart demo = running.demo();
        try (TlsClient client = client(device.context())) {
            assertThat(
                            client.connect(
                                    "app", demo.applicationUsername(), demo.applicationPassword()))
                    .isEqualTo(NOT_AUTHORIZED);
        }
    }

    @Test
    void nobodyIsLetInWithoutOneThere() {
        try (TlsClient client = client(TestPki.context(null))) {
            assertThat(client.connect("none", null, null)).isEqualTo(TlsClient.CLOSED);
        }
    }

    /** Over sessions that are resumed, and over new ones. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneThatIsRevokedIsOutWithinASecondAndStaysOut(String version) {
        Certified device = certified();
        SSLContext warm = device.context();
        TlsClient earlier = client(warm, version);
        assertThat(earlier.connect("r1", null, null)).isZero();
        earlier.disconnect();
        try (TlsClient client = client(warm, version)) {
            assertThat(client.connect("r2", null, null, 600)).isZero();
            assertThat(client.isAlive()).isTrue();
            assertThat(client.hasResumedTls(earlier)).isTrue();
            long begun = System.nanoTime();
            JsonNode revoked = revoke(device);
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(2));
            assertThat(revoked.path("status").asText()).isEqualToIgnoringCase("revoked");
        }
        for (SSLContext context : List.of(warm, device.context())) {
            try (TlsClient again = client(context, version)) {
                assertThat(again.connect("r3", null, null)).isEqualTo(TlsClient.CLOSED);
            }
        }
        assertThat(running.operator().withoutToken().get("/metrics").text())
                .contains("muster_certificate_checks_total{at=\"handshake\",outcome=\"revoked\"}");
    }

    @Test
    void onlyTheConnectionsOfWhatIsRevokedEnd() {
        List<Certified> devices = new ArrayList<>();
        Map<Certified, TlsClient> clients = new LinkedHashMap<>();
        for (int i = 0; i < 30; i++) {
            Certified device = certified();
            devices.add(device);
            TlsClient client = client(device.context());
            assertThat(client.connect("k" + i, null, null)).isZero();
            clients.put(device, client);
        }
        List<Certified> revoked = devices.subList(10, 15);
        revoked.forEach(CertificateSignInTest::revoke);
        clients.forEach(
                (device, client) -> {
                    if (revoked.contains(device)) {
                        assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
                    } else {
                        assertThat(client.isAlive()).isTrue();
                    }
                    client.close();
                });
    }

    @Test
    void oneThatIsRevokedWhileItSignsInIsOut() {
        for (int i = 0; i < 25; i++) {
            Certified device = certified();
            CompletableFuture<JsonNode> revoked =
                    CompletableFuture.supplyAsync(() -> revoke(device));
            try (TlsClient client = client(device.context())) {
                int answer = client.connect("race" + i, null, null);
                revoked.join();
                assertThat(answer).isIn(0, TlsClient.CLOSED, NOT_AUTHORIZED);
                assertThat(client.end()).isIn(ADMINISTRATIVE_ACTION, TlsClient.CLOSED);
            }
        }
    }

    @Test
    void aDisabledDeviceStaysOutWhateverItShows() {
        Certified device = certified();
        running.operator().post(devicePath(device.key()) + "/disable");
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect("disabled", null, null)).isEqualTo(NOT_AUTHORIZED);
        }
    }

    @Test
    void oneOfADeletedDeviceEndsWithIt() {
        Certified device = certified();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect("deleted", null, null)).isZero();
            running.operator().delete(devicePath(device.key()));
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        running.createDevice(device.key());
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect("deleted", null, null)).isEqualTo(TlsClient.CLOSED);
        }
    }

    @Test
    void aProductCanDemandIt() {
        ask(
                "POST",
                "/api/v1/products",
                Map.of("productKey", "strict", "name", "Strict", "certificateRequired", true));
        String secret =
                ask("POST", "/api/v1/products/strict/devices", Map.of("deviceKey", "d1"))
                        .path("deviceSecret")
                        .asText();
        SignedConnect signed = CertifiedHub.signed(new DeviceId("strict", "d1"), secret);
        try (TlsClient client = new TlsClient(address("tls"), TestPki.context(null))) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isEqualTo(NOT_AUTHORIZED);
        }
        KeyPair keys = TestPki.ec();
        JsonNode issued =
                ask(
                        "POST",
                        "/api/v1/products/strict/devices/d1/certificates",
                        Map.of("csr", TestPki.csr(keys)));
        SSLContext own =
                TestPki.context(keys, TestPki.certificate(issued.path("certificate").asText()));
        try (TlsClient client = client(own)) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isZero();
        }
    }

    @Test
    void pahoSignsInWithItAndItsSecret() throws Exception {
        Certified device = certified();
        SignedConnect own = device.signed();
        try (MqttClient client =
                new MqttClient(
                        "ssl://localhost:" + address("mtls").getPort(), own.clientId(), null)) {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setSocketFactory(device.context().getSocketFactory());
            options.setHttpsHostnameVerificationEnabled(false);
            options.setUserName(own.username());
            options.setPassword(own.password().toCharArray());
            client.connect(options);
            assertThat(client.isConnected()).isTrue();
            revoke(device);
            await().until(() -> !client.isConnected());
        }
    }
}
