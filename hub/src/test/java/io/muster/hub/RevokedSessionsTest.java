package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.hub.CertifiedHub.Certified;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a device when its certificate is revoked: its session, its will, its name. */
class RevokedSessionsTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int EXPIRY_SECONDS = 600;

    private static CertifiedHub hub;
    private static MqttClient application;

    @BeforeAll
    static void start(@TempDir Path folder) throws MqttException {
        hub = CertifiedHub.start(folder);
        application = hub.running().connectApplication("app");
    }

    @AfterAll
    static void stop() throws MqttException {
        RunningHub.disconnect(application);
        hub.close();
    }

    private static TlsClient connected(Certified device) {
        TlsClient client = hub.client(device.context());
        assertThat(client.connect(device.key(), null, null, EXPIRY_SECONDS)).isZero();
        return client;
    }

    private static void awaitAway(Certified device) {
        await().until(() -> hub.running().state(device.key()).equals("OFFLINE"));
    }

    private static String commands(Certified device) {
        return "demo/" + device.key() + "/commands";
    }

    private static void command(Certified device, String text) throws MqttException {
        application.publish(commands(device), text.getBytes(StandardCharsets.UTF_8), 1, false);
    }

    @Test
    void aDeviceWithAnotherCertificateKeepsItsSessionAndWhatWaitsThere() throws Exception {
        Certified old = hub.certified();
        Certified renewed = hub.again(old);
        try (TlsClient client = connected(old)) {
            assertThat(client.subscribe(commands(old))).isTrue();
            hub.revoke(old, Map.of("reason", "superseded"));
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        command(old, "waited");
        try (TlsClient client = connected(renewed)) {
            assertThat(client.hasResumed()).isTrue();
            assertThat(client.message()).isEqualTo("waited");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLastCertificateTakesTheSessionAlong(boolean isConnected) throws Exception {
        Certified device = hub.certified();
        TlsClient client = connected(device);
        assertThat(client.subscribe(commands(device))).isTrue();
        if (!isConnected) {
            client.cut();
            awaitAway(device);
        }
        hub.revoke(device);
        if (isConnected) {
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            client.close();
        }
        command(device, "for nobody");
        try (TlsClient next = connected(hub.again(device))) {
            assertThat(next.hasResumed()).isFalse();
        }
    }

    /** A will that waits for an hour would go out when the session ends, or the hour is over. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theWillOfOneThatIsAwayGoesOutOnlyIfItsCertificateIsGood(boolean isRevoked)
            throws Exception {
        Certified device = hub.certified();
        String topic = "demo/" + device.key() + "/will";
        List<String> heard = new CopyOnWriteArrayList<>();
        application.subscribe(
                topic, 1, (name, message) -> heard.add(RunningHub.text(message.getPayload())));
        TlsClient client = hub.client(device.context()).leaving(topic);
        assertThat(client.connect(device.key(), null, null, EXPIRY_SECONDS)).isZero();
        client.cut();
        awaitAway(device);
        assertThat(heard).isEmpty();

        if (isRevoked) {
            hub.revoke(device);
        }
        endSession(hub.again(device));
        application.publish(topic, "fence".getBytes(StandardCharsets.UTF_8), 1, false);
        await().until(() -> heard.contains("fence"));
        assertThat(heard)
                .containsExactlyElementsOf(isRevoked ? List.of("fence") : List.of("will", "fence"));
    }

    private static void endSession(Certified device) {
        try (TlsClient client = hub.client(device.context()).startingAnew()) {
            assertThat(client.connect(device.key(), null, null)).isZero();
        }
    }

    @Test
    void aClientOfTheOlderVersionIsClosedWithoutAWord() {
        Certified device = hub.certified();
        try (TlsClient client = hub.client(device.context()).speakingMqtt3()) {
            assertThat(client.connect(device.key(), null, null)).isZero();
            assertThat(client.isAlive()).isTrue();
            hub.revoke(device);
            assertThat(client.end()).isEqualTo(TlsClient.CLOSED);
        }
    }

    @Test
    void itIsCountedWhyConnectionsEnd() {
        Certified device = hub.certified();
        try (TlsClient client = connected(device)) {
            hub.revoke(device);
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        assertThat(hub.running().operator().withoutToken().get("/metrics").text())
                .contains("muster_certificate_connections_ended_total{reason=\"revoked\"}");
    }

    /** Its own name in any form, or one that is nobody's; but not that of another device. */
    @Test
    void aClientIdentifierMayBeAnyButTheNameOfAnotherDevice() {
        Certified device = hub.certified();
        Certified other = hub.certified();
        for (String own :
                List.of(
                        "",
                        device.key(),
                        "demo/" + device.key(),
                        device.key() + "|securemode=2|",
                        "mosq-1a2b3c",
                        "no device/ at all")) {
            try (TlsClient client = hub.client(device.context())) {
                assertThat(client.connect(own, null, null)).as(own).isZero();
            }
        }
        for (String others :
                List.of(other.key(), "demo/" + other.key(), other.key() + "|securemode=2|")) {
            try (TlsClient client = hub.client(device.context())) {
                assertThat(client.connect(others, null, null)).as(others).isEqualTo(NOT_AUTHORIZED);
            }
        }
        await().untilAsserted(
                        () ->
                                assertThat(
                                                hub.running()
                                                        .operator()
                                                        .get("/api/v1/audit?limit=50")
                                                        .text())
                                        .contains(
                                                "client identifier names the device demo/"
                                                        + other.key()));
    }

    @Test
    void whoHasNoCertificateIsOutWhenItsProductBeginsToDemandOne() {
        hub.ask("POST", "/api/v1/products", Map.of("productKey", "lax", "name", "Lax"));
        SignedConnect without = lax("without");
        SignedConnect with = lax("with");
        KeyPair keys = TestPki.ec();
        String issued =
                hub.ask(
                                "POST",
                                "/api/v1/products/lax/devices/with/certificates",
                                Map.of("csr", TestPki.csr(keys)))
                        .path("certificate")
                        .asText();
        Certified elsewhere = hub.certified();
        try (TlsClient lacking = new TlsClient(hub.address("tls"), TestPki.context(null));
                TlsClient certified =
                        hub.client(TestPki.context(keys, TestPki.certificate(issued)));
                TlsClient other = connected(elsewhere)) {
            assertThat(signIn(lacking, without)).isZero();
            assertThat(signIn(certified, with)).isZero();

            hub.ask("PATCH", "/api/v1/products/lax", Map.of("certificateRequired", true));

            assertThat(lacking.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(certified.isAlive()).isTrue();
            assertThat(other.isAlive()).isTrue();
        }
    }

    private static SignedConnect lax(String key) {
        String secret =
                hub.ask("POST", "/api/v1/products/lax/devices", Map.of("deviceKey", key))
                        .path("deviceSecret")
                        .asText();
        return CertifiedHub.signed(new DeviceId("lax", key), secret);
    }

    private static int signIn(TlsClient client, SignedConnect signed) {
        return client.connect(signed.clientId(), signed.username(), signed.password());
    }
}
