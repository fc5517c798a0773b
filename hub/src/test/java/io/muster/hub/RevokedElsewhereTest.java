package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two hubs on one registry: what is revoked by one, or by neither, is so for both. */
@Timeout(60)
class RevokedElsewhereTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int CA_COMPROMISE = 2;

    /** Twice the target, since other tests run beside this one. */
    private static final Duration TARGET = Duration.ofSeconds(2);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Authority ACME = new Authority("acme");

    private static final Authority OPEN_ROOT = new Authority("open-root");
    private static final Authority OPEN = OPEN_ROOT.authority("open");

    private static Path folder;

    /** Has an authority of its own. */
    private static RunningHub one;

    /** Has none, so it has no routes to revoke by either. */
    private static RunningHub other;

    @BeforeAll
    static void start(@TempDir Path empty) throws IOException {
        folder = empty;
        Path data = Files.createDirectory(folder.resolve("one"));
        one = RunningHub.start(config(data, data, AuthorityConfig.DEFAULT));
        Path second = Files.createDirectory(folder.resolve("other"));
        Files.copy(data.resolve("secret.key"), second.resolve("secret.key"));
        other = RunningHub.start(config(second, data, AuthorityConfig.NONE));
    }

    private static HubConfig config(Path data, Path registry, AuthorityConfig authority) {
        HubConfig usual = RunningHub.config(data);
        External acme = external("acme", Binding.FIRST_USE, ACME);
        External open = external("open", Binding.NONE, OPEN, OPEN_ROOT);
        HubConfig config =
                RunningHub.withSignInByCertificate(
                        new HubConfig(
                                usual.dataFolder(),
                                usual.broker(),
                                usual.certificates().with(authority),
                                usual.authentication(),
                                usual.permissions(),
                                usual.devices(),
                                RunningHub.config(registry).registry(),
                                usual.management()));
        return MutualTls.with(
                config,
                folder,
                TlsProvider.AUTO,
                HubConfig.Tls.NONE.reloadInterval(),
                TrustConfig.NONE.with(List.of(acme, open)));
    }

    private static External external(String name, Binding binding, Authority... chain) {
        return new External(
                name,
                CaSource.of(
                        TestPki.write(
                                folder.resolve(name + ".pem"),
                                Stream.of(chain)
                                        .map(Authority::certificate)
                                        .toArray(X509Certificate[]::new))),
                false,
                List.of(),
                false,
                List.of(),
                FreshnessPolicy.STRICT,
                binding);
    }

    @AfterAll
    static void stop() {
        if (other != null) {
            other.close();
        }
        if (one != null) {
            one.close();
        }
    }

    private static TlsClient client(RunningHub hub, SSLContext context) {
        return new TlsClient(
                Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls")), context);
    }

    private static SignedConnect signed(String key, String secret) {
        return DeviceSignature.sign(
                new DeviceId("demo", key), Secret.of(secret), SignMethod.SHA256, "1700000000000");
    }

    @Test
    void whatOneHubRevokesEndsAtTheOtherWithinASecond() {
        SignedConnect signed = signed("acme", one.createDevice("acme"));
        Issued certificate = ACME.issue(Wanted.of("CN=acme"));
        Issued next = ACME.issue(Wanted.of("CN=next"));
        CertificateId id =
                CertificateId.of(
                        TrustedAuthority.externalIssuer(
                                ACME.certificate().getSubjectX500Principal()),
                        certificate.certificate().getSerialNumber());
        try (TlsClient client = client(other, certificate.context())) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isZero();
            long begun = System.nanoTime();
            one.operator()
                    .post(
                            "/api/v1/certificates/%s/revoke?issuer=%s"
                                    .formatted(id.serial(), id.issuer()));
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(TARGET);
        }
        for (RunningHub hub : List.of(one, other)) {
            try (TlsClient again = client(hub, certificate.context())) {
                assertThat(again.connect(signed.clientId(), signed.username(), signed.password()))
                        .isEqualTo(TlsClient.CLOSED);
            }
        }
        try (TlsClient client = client(other, next.context())) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isZero();
        }
    }

    /** So the registry knows nothing of it but that. */
    @Test
    void aCertificateThatIsBoundToNobodyIsRevokedEverywhereAndForEver() {
        SignedConnect signed = signed("unbound", one.createDevice("unbound"));
        Issued certificate = OPEN.issue(Wanted.of("CN=unbound"));
        Issued good = OPEN.issue(Wanted.of("CN=good"));
        String serial = certificate.certificate().getSerialNumber().toString(16);
        String path = "/api/v1/certificates/" + serial;
        assertThat(one.operator().get(path + "?issuer=open").status()).isEqualTo(404);
        try (TlsClient client = client(other, certificate.context())) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isZero();
            JsonNode answer = one.operator().post(path + "/revoke?issuer=open").json();
            assertThat(answer.path("status").asText()).isEqualTo("REVOKED");
            assertThat(answer.path("connectionsClosed").asBoolean()).isTrue();
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        for (RunningHub hub : List.of(one, other)) {
            try (TlsClient again = client(hub, certificate.context());
                    TlsClient untouched = client(hub, good.context())) {
                assertThat(again.connect(signed.clientId(), signed.username(), signed.password()))
                        .isEqualTo(TlsClient.CLOSED);
                assertThat(
                                untouched.connect(
                                        signed.clientId(), signed.username(), signed.password()))
                        .isZero();
            }
        }
        JsonNode shown = one.operator().get(path + "?issuer=open").json();
        assertThat(shown.path("kind").asText()).isEqualTo("EXTERNAL");
        assertThat(one.operator().post(path + "/revoke?issuer=open").json().path("revokedAt"))
                .as("the first stands")
                .isEqualTo(shown.path("revokedAt"));
        assertThat(
                        one.operator()
                                .post(
                                        "/api/v1/products/demo/devices/unbound/certificates/bind",
                                        JSON.createObjectNode()
                                                .put(
                                                        "certificate",
                                                        TestPki.pem(certificate.certificate()))
                                                .toString())
                                .status())
                .isGreaterThanOrEqualTo(400);
        assertThat(one.operator().post(path + "/revoke?issuer=stranger").status()).isEqualTo(404);
    }

    /** With it all of its clients would be, for ever, by whoever takes one number for another. */
    @Test
    void theCertificateOfAnAuthorityIsNotRevokedAsIfItWereThatOfAClient() {
        SignedConnect signed = signed("slip", one.createDevice("slip"));
        String root =
                TrustedAuthority.externalIssuer(OPEN_ROOT.certificate().getSubjectX500Principal());
        for (Authority authority : List.of(OPEN, OPEN_ROOT)) {
            var answer =
                    one.operator()
                            .post(
                                    "/api/v1/certificates/%s/revoke?issuer=%s"
                                            .formatted(
                                                    authority
                                                            .certificate()
                                                            .getSerialNumber()
                                                            .toString(16),
                                                    root));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("authority", "certificates.trust.external");
        }
        try (TlsClient client = client(one, OPEN.issue(Wanted.of("CN=slip")).context())) {
            assertThat(client.connect(signed.clientId(), signed.username(), signed.password()))
                    .isZero();
        }
    }

    /** A device with a certificate of the hub's own authority, and that of its issuer. */
    private record Certified(String secret, SSLContext context, X509Certificate issuer) {

        static Certified of(String key) {
            String secret = one.createDevice(key);
            KeyPair keys = TestPki.ec();
            JsonNode issued =
                    one.operator()
                            .post(
                                    "/api/v1/products/demo/devices/" + key + "/certificates",
                                    JSON.createObjectNode()
                                            .put("csr", TestPki.csr(keys))
                                            .toString())
                            .json();
            return new Certified(
                    secret,
                    TestPki.context(keys, TestPki.certificate(issued.path("certificate").asText())),
                    TestPki.certificate(issued.path("chain").asText()));
        }
    }

    /** By nobody whom the hub knows. Its clients go as if they were revoked themselves. */
    @Test
    void withAnIssuerThatIsRevokedAllItsClientsAreOut() throws Exception {
        Certified device = Certified.of("below");
        Certified lasting = Certified.of("lasting");
        List<String> heard = new CopyOnWriteArrayList<>();
        MqttClient application = one.connectApplication("backend");
        application.subscribe(
                "demo/#", (topic, message) -> heard.add(RunningHub.text(message.getPayload())));
        MqttConnectOptions options = new MqttConnectOptions();
        options.setSocketFactory(lasting.context().getSocketFactory());
        options.setHttpsHostnameVerificationEnabled(false);
        options.setCleanSession(false);
        options.setWill("demo/lasting/gone", "will".getBytes(StandardCharsets.UTF_8), 1, false);
        int port = Objects.requireNonNull(one.hub().mqttAddresses().get("mtls")).getPort();
        try (TlsClient client = client(one, device.context());
                MqttClient paho = new MqttClient("ssl://localhost:" + port, "lasting", null)) {
            assertThat(client.connect("below", null, null, 600)).isZero();
            paho.connect(options);
            try (RegistryDatabase registry = registry()) {
                var unused =
                        new CertificateRevocations(registry)
                                .revoke(
                                        CertificateId.of(
                                                "root-g1", device.issuer().getSerialNumber()),
                                        new Revocation(
                                                Instant.now(), CA_COMPROMISE, "an operator"));
            }
            long begun = System.nanoTime();
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(TARGET);
            await().until(() -> !paho.isConnected());
        }
        application.publish("demo/last", "last".getBytes(StandardCharsets.UTF_8), 1, false);
        await().until(() -> heard.contains("last"));
        assertThat(heard).as("no will is published").containsExactly("last");
        for (String key : List.of("below", "lasting")) {
            SignedConnect signed = signed(key, (key.equals("below") ? device : lasting).secret());
            try (TlsClient back = client(one, ACME.issue(Wanted.of("CN=" + key)).context())) {
                assertThat(back.connect(signed.clientId(), signed.username(), signed.password()))
                        .isZero();
                assertThat(back.hasResumed()).as("the session of %s", key).isFalse();
            }
        }
        try (TlsClient again = client(one, device.context())) {
            assertThat(again.connect("below", null, null)).isEqualTo(TlsClient.CLOSED);
        }
        assertThat(one.operator().withoutToken().get("/metrics").text())
                .contains("outcome=\"issuer_revoked\"");
        RunningHub.disconnect(application);
    }

    private static RegistryDatabase registry() throws IOException {
        return RegistryDatabase.open(
                new RegistrySettings(
                        "jdbc:sqlite:" + folder.resolve("one").resolve("registry.db"),
                        "",
                        "",
                        1,
                        Duration.ofSeconds(5)),
                SecretCipher.load(folder.resolve("one").resolve("secret.key")));
    }
}
