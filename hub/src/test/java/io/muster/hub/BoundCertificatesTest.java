package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of another authority in a hub that has none of its own. */
class BoundCertificatesTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int ADMINISTRATIVE_ACTION = 0x98;

    private static final Authority FACTORY = new Authority("factory");
    private static final Authority LISTLESS = new Authority("listless");
    private static final Authority STRANGER = new Authority("stranger");
    private static final Issued REVOKED = FACTORY.issue(Wanted.of("CN=revoked"));

    private static RunningHub hub;
    private static int devices;

    private String deviceKey;
    private String path;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        Files.write(
                folder.resolve("factory.crl"),
                FACTORY.crl(1, Duration.ofHours(1), REVOKED.certificate()));
        hub = RunningHub.start(config(folder));
    }

    private static HubConfig config(Path folder) {
        TrustConfig trust =
                TrustConfig.NONE.with(
                        List.of(
                                external(folder, "factory", FACTORY),
                                external(folder, "listless", LISTLESS)));
        return RunningHub.withSignInByCertificate(
                MutualTls.with(
                        RunningHub.config(folder.resolve("data")),
                        folder,
                        TlsProvider.AUTO,
                        HubConfig.Tls.NONE.reloadInterval(),
                        trust));
    }

    /** With what an operator gets who says no more than where the files are. */
    private static External external(Path folder, String name, Authority authority) {
        return new External(
                name,
                CaSource.of(TestPki.write(folder.resolve(name + ".pem"), authority.certificate())),
                true,
                List.of(folder.resolve(name + ".crl").toString()),
                false,
                List.of(),
                new FreshnessPolicy(Duration.ofHours(1), false),
                Binding.REQUIRED);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void createDevice() {
        deviceKey = newDevice();
        path = path(deviceKey);
    }

    private static String newDevice() {
        String key = "b" + ++devices;
        hub.createDevice(key);
        return key;
    }

    private static String path(String key) {
        return "/api/v1/products/demo/devices/" + key + "/certificates";
    }

    private Answer bind(X509Certificate... chain) {
        return bindTo(path, Stream.of(chain).map(TestPki::pem).collect(Collectors.joining()));
    }

    private static Answer bindTo(String certificates, String pem) {
        return hub.operator()
                .post(
                        certificates + "/bind",
                        JsonNodeFactory.instance.objectNode().put("certificate", pem).toString());
    }

    private static TlsClient client(Issued certificate) {
        InetSocketAddress address = Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls"));
        return new TlsClient(address, certificate.context());
    }

    private static int signIn(Issued certificate) {
        try (TlsClient client = client(certificate)) {
            return client.connect("any", null, null);
        }
    }

    @Test
    void whatIsBoundLetsItsDeviceInUntilItIsRevoked() {
        Issued certificate = FACTORY.issue(Wanted.of("CN=serial 4711"));
        assertThat(signIn(certificate)).as("bound to nobody").isEqualTo(NOT_AUTHORIZED);

        Answer bound = bind(certificate.certificate(), FACTORY.certificate());

        assertThat(bound.status()).as(bound.text()).isEqualTo(201);
        String serial = bound.json().path("serial").asText();
        String issuer = bound.json().path("issuer").asText();
        assertThat(bound.header("Location")).isEqualTo(path + "/" + serial);
        assertThat(bound.json().path("kind").asText()).isEqualTo("EXTERNAL");
        assertThat(bind(certificate.certificate()).json()).isEqualTo(bound.json());
        try (TlsClient client = client(certificate)) {
            assertThat(client.connect("any", null, null)).isZero();
            JsonNode listed = hub.operator().get(path).json().path("items");
            assertThat(listed).hasSize(1);
            assertThat(listed.get(0).path("status").asText()).isEqualTo("VALID");
            String one = "/api/v1/certificates/" + serial;
            assertThat(hub.operator().get(one).json().path("deviceKey").asText())
                    .isEqualTo(deviceKey);

            Answer revoked = hub.operator().post(one + "/revoke?issuer=" + issuer);

            assertThat(revoked.status()).as(revoked.text()).isEqualTo(200);
            assertThat(revoked.json().path("connectionsClosed").asBoolean()).isTrue();
            assertThat(revoked.json().path("crlNumber").isNull()).isTrue();
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        assertThat(signIn(certificate)).isEqualTo(TlsClient.CLOSED);
        assertCode(bind(certificate.certificate()), 422, "CERTIFICATE_REFUSED", "REVOKED");
        JsonNode expiring =
                hub.operator()
                        .get("/api/v1/certificates?productKey=demo&deviceKey=" + deviceKey)
                        .json();
        assertThat(expiring.at("/items/0/status").asText()).isEqualTo("REVOKED");
    }

    @Test
    void whatLetsNobodyInIsNotBound() {
        Instant now = Instant.now();
        assertCode(bindTo(path, "no certificate"), 400, "CERTIFICATE_MALFORMED", "PEM");
        assertCode(hub.operator().post(path + "/bind", "{}"), 400, "CERTIFICATE_MALFORMED", "");
        refused(STRANGER.issue(Wanted.of("CN=a")), "UNKNOWN_ISSUER");
        refused(FACTORY.issue(Wanted.of("CN=b").until(now.minusSeconds(60))), "EXPIRED");
        refused(FACTORY.issue(Wanted.of("CN=c").authority()), "IS_AUTHORITY");
        refused(REVOKED, "REVOKED");
        assertCode(
                bind(LISTLESS.issue(Wanted.of("CN=d")).certificate()),
                503,
                "ISSUER_UNAVAILABLE",
                "REVOCATION_STALE");
        assertThat(hub.operator().get(path).json().path("items")).isEmpty();
        assertThat(hub.operator().withoutToken().get("/metrics").text())
                .contains("muster_certificates_refused_total{code=\"certificate_refused\"}");
    }

    private void refused(Issued certificate, String cause) {
        assertCode(bind(certificate.certificate()), 422, "CERTIFICATE_REFUSED", cause);
    }

    private static void assertCode(Answer answer, int status, String code, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().path("code").asText()).isEqualTo(code);
        assertThat(answer.json().path("detail").asText()).contains(detail);
    }

    @Test
    void oneIsBoundToTheDeviceThatItNamesOnly() {
        Issued named = FACTORY.issue(Wanted.of("CN=x").uri("urn:device:demo:" + deviceKey));
        String other = newDevice();

        assertCode(
                bindTo(path(other), TestPki.pem(named.certificate())),
                422,
                "SAN_NOT_ALLOWED",
                "demo/" + deviceKey);
        assertThat(bind(named.certificate()).status()).isEqualTo(201);
    }

    @Test
    void oneIsOneDevices() {
        KeyPair keys = TestPki.ec();
        X509Certificate first = FACTORY.issue(Wanted.of("CN=first"), keys);
        X509Certificate sameKey = FACTORY.issue(Wanted.of("CN=second"), keys);
        assertThat(bind(first).status()).isEqualTo(201);
        String other = path(newDevice());

        assertCode(
                bindTo(other, TestPki.pem(first)), 409, "CERTIFICATE_KNOWN", "demo/" + deviceKey);
        assertCode(bindTo(other, TestPki.pem(sameKey)), 409, "KEY_REUSED", "another device");
    }

    @Test
    void aDeviceMustBeThereAndHasNoMoreThanItMayHave() {
        X509Certificate any = FACTORY.issue(Wanted.of("CN=any")).certificate();
        assertCode(bindTo(path("nobody"), TestPki.pem(any)), 404, "DEVICE_UNKNOWN", "nobody");
        assertThat(bind(FACTORY.issue(Wanted.of("CN=1")).certificate()).status()).isEqualTo(201);
        assertThat(bind(FACTORY.issue(Wanted.of("CN=2")).certificate()).status()).isEqualTo(201);
        assertCode(bind(any), 409, "CERT_LIMIT", "revoke one");

        String disabled = newDevice();
        hub.operator().post("/api/v1/products/demo/devices/" + disabled + "/disable");
        assertCode(bindTo(path(disabled), TestPki.pem(any)), 403, "DEVICE_DISABLED", disabled);
    }

    @Test
    void noneIsIssued() {
        Answer answer =
                hub.operator()
                        .post(
                                path,
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("csr", Csr.ofNewKey().pem())
                                        .toString());
        assertCode(answer, 503, "ISSUER_UNAVAILABLE", "certificates.authority.enabled");
    }

    @Test
    void allOfADeviceAreRevokedAtOnce() {
        assertThat(bind(FACTORY.issue(Wanted.of("CN=1")).certificate()).status()).isEqualTo(201);
        assertThat(bind(FACTORY.issue(Wanted.of("CN=2")).certificate()).status()).isEqualTo(201);

        JsonNode revoked = hub.operator().post(path + "/revoke").json();

        assertThat(revoked.path("revoked").asInt()).isEqualTo(2);
        assertThat(revoked.path("crlsPublished").asBoolean()).isTrue();
    }
}
