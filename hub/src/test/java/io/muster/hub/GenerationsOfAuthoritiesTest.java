package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.certificates.TrustConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One generation of an authority follows another while the hub runs and devices are connected. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GenerationsOfAuthoritiesTest {

    private static final String AUTHORITIES = "/api/v1/certificates/authorities";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int EXPIRY_SECONDS = 600;
    private static final String WRONG_STATE = "AUTHORITY_STATE";

    private static RunningHub running;
    private static Path bundle;

    /** Those that are connected, by their keys. */
    private static final Map<String, Device> CONNECTED = new HashMap<>();

    /** A device that is connected by its certificate. */
    private record Device(
            String key,
            String issuer,
            X509Certificate certificate,
            SSLContext context,
            TlsClient client) {

        /** Connects once more, which ends the connection before. */
        Device again() {
            TlsClient again = GenerationsOfAuthoritiesTest.client(context);
            assertThat(again.connect(key, null, null)).isZero();
            client.close();
            return new Device(key, issuer, certificate, context, again);
        }

        /** Whether it is refused now, which it must not be connected for. */
        boolean isRefused() {
            try (TlsClient again = GenerationsOfAuthoritiesTest.client(context)) {
                return again.connect(key, null, null) == TlsClient.CLOSED;
            }
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        running = RunningHub.start(CertifiedHub.config(folder, TlsProvider.AUTO, TrustConfig.NONE));
        bundle = folder.resolve("ca/bundle.pem");
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static TlsClient client(SSLContext context) {
        return new TlsClient(
                Objects.requireNonNull(running.hub().mqttAddresses().get("mtls")), context);
    }

    private static HttpCaller.Answer post(String path, String body) {
        return running.operator().post(AUTHORITIES + path, body);
    }

    private static HttpCaller.Answer enrol(String key, KeyPair keys) throws IOException {
        return running.operator()
                .post(
                        "/api/v1/products/demo/devices/" + key + "/certificates",
                        JSON.writeValueAsString(Map.of("csr", TestPki.csr(keys))));
    }

    private static Device connect(String key) throws IOException {
        running.createDevice(key);
        KeyPair keys = TestPki.ec();
        JsonNode issued = enrol(key, keys).json();
        X509Certificate certificate = TestPki.certificate(issued.path("certificate").asText());
        SSLContext context = TestPki.context(keys, certificate);
        TlsClient client = client(context);
        assertThat(client.connect(key, null, null)).isZero();
        return new Device(key, issued.path("issuer").asText(), certificate, context, client);
    }

    private static Device first() {
        return Objects.requireNonNull(CONNECTED.get("one"));
    }

    private static Device second() {
        return Objects.requireNonNull(CONNECTED.get("two"));
    }

    private static JsonNode authority(String name) {
        return StreamSupport.stream(
                        running.operator().get(AUTHORITIES).json().path("items").spliterator(),
                        false)
                .filter(each -> each.path("name").asText().equals(name))
                .findAny()
                .orElseThrow();
    }

    private static String state(String name) {
        return authority(name).path("state").asText();
    }

    private static String readiness() {
        return running.operator().withoutToken().get("/health/ready").text();
    }

    @Test
    @Order(1)
    void operatorsSeeAuthoritiesAndTheirLists() {
        assertThat(running.operator().get(AUTHORITIES).json().path("items"))
                .extracting(each -> each.path("name").asText())
                .containsExactlyInAnyOrder("root-g1", "device-ec-g1", "device-rsa-g1", "server-g1");
        JsonNode devices = authority("device-ec-g1");
        assertThat(devices.path("state").asText()).isEqualTo("ACTIVE");
        assertThat(devices.path("subject").asText()).contains("CN=Muster Devices EC G1");
        assertThat(devices.path("key").asText()).isEqualTo("FILE");
        assertThat(devices.path("issues"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrder("DEVICE", "OCSP_SIGNER");
        assertThat(devices.path("lists"))
                .hasSize(16)
                .allSatisfy(
                        list -> {
                            assertThat(list.path("number").asInt()).isEqualTo(1);
                            assertThat(list.path("entries").asInt()).isZero();
                            assertThat(list.path("due").asBoolean(true)).isFalse();
                            assertThat(list.path("stale").asBoolean(true)).isFalse();
                        });
    }

    @Test
    @Order(2)
    void whatCannotBeIsRefusedWithAReason() {
        assertThat(post("/rollover", "{\"authority\":\"root\"}"))
                .matches(answer -> answer.status() == 400 && answer.text().contains("'step'"));
        assertThat(post("/rollover", "{\"authority\":\"nobody\"}").text())
                .contains("there is no authority 'nobody'");
        assertThat(post("/rollover", "{\"authority\":\"server\",\"step\":\"ACTIVATE\"}"))
                .matches(answer -> answer.status() == 409 && answer.text().contains(WRONG_STATE))
                .extracting(HttpCaller.Answer::text)
                .asString()
                .contains("no generation of server is prepared to follow server-g1");
        assertThat(post("/device-ec-g1/retire", "{}"))
                .matches(answer -> answer.status() == 409 && answer.text().contains("issues now"));
        assertThat(post("/device-ec-g7/retire", "{}").status()).isEqualTo(404);
        assertThat(post("/root-g1/revoke", "{}"))
                .matches(answer -> answer.status() == 409 && answer.text().contains("next root"));
        assertThat(post("/device-ec-g1/revoke", "{\"reason\":\"keyCompromise\"}").text())
                .contains("allowed are", "CA_COMPROMISE");
    }

    @Test
    @Order(3)
    void devicesOfTwoGenerationsSignInSideBySide() throws Exception {
        CONNECTED.put("one", connect("one"));
        assertThat(first().issuer()).isEqualTo("device-ec-g1");

        JsonNode made = post("/rollover", "{\"authority\":\"device-ec\"}").json();

        assertThat(made.path("name").asText()).isEqualTo("device-ec-g2");
        assertThat(made.path("state").asText()).isEqualTo("ACTIVE");
        assertThat(made.path("lists")).hasSize(16);
        assertThat(state("device-ec-g1")).isEqualTo("PREVIOUS");
        CONNECTED.put("two", connect("two"));
        assertThat(second().issuer()).isEqualTo("device-ec-g2");
        assertThat(first().client().isAlive()).isTrue();
        CONNECTED.put("one", first().again());
        assertThat(second().client().isAlive()).isTrue();
        assertThat(Files.readString(bundle).split("BEGIN", -1)).hasSize(1 + 5);
        String list = made.path("lists").get(0).path("address").asText();
        assertThat(running.operator().get(list.substring(list.indexOf("/crl/"))).status())
                .isEqualTo(200);
    }

    @Test
    @Order(4)
    void oneThatIsRetiredHasItsDevicesOutAndNoOthers() throws Exception {
        assertThat(post("/device-ec-g1/retire", "{}").json().path("state").asText())
                .isEqualTo("RETIRED");

        await().until(() -> !first().client().isAlive());
        assertThat(first().isRefused()).isTrue();
        assertThat(second().client().isAlive()).isTrue();
        assertThat(Files.readString(bundle).split("BEGIN", -1)).hasSize(1 + 4);
        assertThat(authority("device-ec-g1").path("lists")).hasSize(16);
    }

    @Test
    @Order(5)
    void serversOfTheNextGenerationAreShownWithoutAConnectionLost() {
        post("/rollover", "{\"authority\":\"server\"}");

        await().untilAsserted(() -> assertThat(issuerOfServer()).contains("Servers G2"));
        assertThat(second().client().isAlive()).isTrue();
        CONNECTED.put("two", second().again());
    }

    private static String issuerOfServer() throws IOException {
        int port = Objects.requireNonNull(running.hub().mqttAddresses().get("mtls")).getPort();
        try (SSLSocket socket =
                (SSLSocket) second().context().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getIssuerX500Principal()
                    .getName();
        }
    }

    @Test
    @Order(6)
    void oneThatIsRevokedIssuesNothingAndItsDevicesAreOut() throws Exception {
        assertThat(readiness()).doesNotContain("is revoked");
        assertThat(enrol("two", TestPki.ec()).status()).isEqualTo(201);
        leaveSession("away");
        assertThat(authority("device-ec-g2").path("validCertificates").asInt())
                .isGreaterThanOrEqualTo(3);

        JsonNode revoked = post("/device-ec-g2/revoke", "{\"reason\":\"caCompromise\"}").json();

        assertThat(revoked.path("status").asText()).isEqualTo("REVOKED");
        assertThat(revoked.path("serial")).isEqualTo(authority("device-ec-g2").path("serial"));
        assertThat(revoked.path("crlNumber")).isEqualTo(list("root-g1").path("number"));
        assertThat(list("root-g1").path("entries").asInt()).isEqualTo(1);
        assertThat(revoked.path("connectionsClosed").asBoolean()).isTrue();
        await().until(() -> !second().client().isAlive());
        assertThat(second().isRefused()).isTrue();
        running.createDevice("three");
        HttpCaller.Answer refused = enrol("three", TestPki.ec());
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.text()).contains("ISSUER_UNAVAILABLE", "device-ec-g2 is revoked");
        assertThat(readiness()).contains("issuer device-ec-g2 is revoked");
        assertThat(post("/device-ec-g2/revoke", "{}").json().path("crlNumber"))
                .isEqualTo(revoked.path("crlNumber"));
    }

    /** Of a device that is away, and will have no good certificate. */
    private static void leaveSession(String key) throws IOException {
        Device device = connect(key);
        device.client().close();
        try (TlsClient client = client(device.context())) {
            assertThat(client.connect(key, null, null, EXPIRY_SECONDS)).isZero();
            client.cut();
        }
        await().until(() -> running.state(key).equals("OFFLINE"));
    }

    private static JsonNode list(String name) {
        return authority(name).path("lists").get(0);
    }

    @Test
    @Order(7)
    void theNextGenerationTakesItsPlace() throws Exception {
        assertThat(post("/rollover", "{\"authority\":\"device-ec\"}").json().path("name").asText())
                .isEqualTo("device-ec-g3");
        Device third = connect("four");
        try (TlsClient client = third.client()) {
            assertThat(third.issuer()).isEqualTo("device-ec-g3");
            assertThat(client.isAlive()).isTrue();
        }
        assertThat(readiness()).doesNotContain("is revoked");
    }

    @Test
    @Order(8)
    void whatItHadIssuedIsRevokedTooAndKeepsNobodyFromAnother() throws Exception {
        await().until(() -> authority("device-ec-g2").path("validCertificates").asInt(-1) == 0);
        assertThat(certificates("two").path("items"))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.path("status").asText()).isEqualTo("REVOKED"));
        KeyPair keys = TestPki.ec();
        JsonNode issued = enrol("two", keys).json();
        assertThat(issued.path("issuer").asText()).isEqualTo("device-ec-g3");

        KeyPair ofAway = TestPki.ec();
        X509Certificate another =
                TestPki.certificate(enrol("away", ofAway).json().path("certificate").asText());
        try (TlsClient client = client(TestPki.context(ofAway, another))) {
            assertThat(client.connect("away", null, null, EXPIRY_SECONDS)).isZero();
            assertThat(client.hasResumed()).isFalse();
        }
    }

    @Test
    @Order(9)
    void theKeyOfOneThatIsRevokedIsDestroyedAndItsLastListsAreServedOn() {
        assertThat(post("/device-ec-g3/destroy", "{\"force\":true}"))
                .matches(answer -> answer.status() == 409 && answer.text().contains("is ACTIVE"));
        assertThat(post("/device-ec-g2/destroy", "{}"))
                .matches(answer -> answer.status() == 409 && answer.text().contains("'force'"));
        assertThat(authority("device-ec-g2").path("key").asText()).isEqualTo("FILE");
        JsonNode lists = authority("device-ec-g2").path("lists");

        JsonNode destroyed = post("/device-ec-g2/destroy", "{\"force\":true}").json();

        assertThat(destroyed.path("key").asText()).isEqualTo("DESTROYED");
        assertThat(destroyed.path("state").asText()).isEqualTo("REVOKED");
        assertThat(destroyed.path("lists")).isEqualTo(lists);
        Instant clock = Instant.parse(destroyed.path("clock").asText());
        LocalDate last = LocalDate.parse(destroyed.path("lastExpiry").asText());
        assertThat(clock).isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(last).isAfter(LocalDate.ofInstant(clock, ZoneOffset.UTC));
        await().untilAsserted(
                        () ->
                                assertThat(
                                                running.operator()
                                                        .get("/api/v1/audit?act=authority.destroy")
                                                        .text())
                                        .contains("with force, the clock says " + clock)
                                        .contains("the last certificate expires on " + last));
        assertThat(bundle.resolveSibling("keys/device-ec-g2.p12")).doesNotExist();
        String list = lists.get(0).path("address").asText();
        assertThat(running.operator().get(list.substring(list.indexOf("/crl/"))).status())
                .isEqualTo(200);
        assertThat(post("/device-ec-g2/destroy", "{\"force\":true}").status()).isEqualTo(200);
    }

    private static JsonNode certificates(String key) {
        return running.operator()
                .get("/api/v1/products/demo/devices/" + key + "/certificates")
                .json();
    }

    @Test
    @Order(10)
    void theNextRootIsTrustedBeforeItSignsAnything() throws Exception {
        CONNECTED.put("five", connect("five"));

        JsonNode made = post("/rollover", "{\"authority\":\"root\",\"step\":\"PREPARE\"}").json();

        assertThat(made.path("name").asText()).isEqualTo("root-g2");
        assertThat(made.path("state").asText()).isEqualTo("NEXT");
        assertThat(state("root-g1")).isEqualTo("ACTIVE");
        assertThat(fifth().client().isAlive()).isTrue();
        CONNECTED.put("five", fifth().again());
        CONNECTED.put("six", connect("six"));
        assertThat(Objects.requireNonNull(CONNECTED.get("six")).issuer()).isEqualTo("device-ec-g3");
    }

    private static Device fifth() {
        return Objects.requireNonNull(CONNECTED.get("five"));
    }

    @Test
    @Order(11)
    void devicesBelowBothRootsSignInSideBySideAndWhoTrustsOneRootTrustsBoth() throws Exception {
        post("/rollover", "{\"authority\":\"root\",\"step\":\"ACTIVATE\"}");

        assertThat(state("root-g2")).isEqualTo("ACTIVE");
        assertThat(state("root-g1")).isEqualTo("PREVIOUS");
        assertThat(fifth().client().isAlive()).isTrue();
        assertThat(post("/rollover", "{\"authority\":\"device-ec\"}").json().path("name").asText())
                .isEqualTo("device-ec-g4");
        Device seventh = connect("seven");
        try (TlsClient client = seventh.client()) {
            assertThat(seventh.issuer()).isEqualTo("device-ec-g4");
            assertThat(client.isAlive()).isTrue();
            assertThat(fifth().client().isAlive()).isTrue();
            CONNECTED.put("five", fifth().again());
            assertThat(first().isRefused()).as("of a retired issuer").isTrue();
            assertThat(second().isRefused()).as("of a revoked issuer").isTrue();
            for (String root : List.of("Root G1", "Root G2")) {
                requireTrusted(root, fifth().certificate());
                requireTrusted(root, seventh.certificate());
            }
            post("/device-ec-g3/retire", "{}");
            await().until(() -> !fifth().client().isAlive());
            assertThat(fifth().isRefused()).isTrue();
            assertThat(client.isAlive()).isTrue();
        }
    }

    /** Whoever trusts this root, and nobody besides, finds a path from it in what is published. */
    private static void requireTrusted(String root, X509Certificate certificate)
            throws GeneralSecurityException {
        List<X509Certificate> published = published();
        X509Certificate anchor =
                published.stream()
                        .filter(each -> each.getSubjectX500Principal().getName().contains(root))
                        .filter(
                                each ->
                                        each.getSubjectX500Principal()
                                                .equals(each.getIssuerX500Principal()))
                        .findAny()
                        .orElseThrow();
        X509CertSelector wanted = new X509CertSelector();
        wanted.setCertificate(certificate);
        PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(Set.of(new TrustAnchor(anchor, null)), wanted);
        parameters.setRevocationEnabled(false);
        List<X509Certificate> known = new ArrayList<>(published);
        known.add(certificate);
        parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
        assertThat(CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath()).isNotNull();
    }

    /** Roots, issuers, and roots that roots have signed, as devices get them. */
    private static List<X509Certificate> published() throws GeneralSecurityException {
        byte[] pem =
                running.operator()
                        .withoutToken()
                        .get("/ca/bundle")
                        .text()
                        .getBytes(StandardCharsets.US_ASCII);
        List<X509Certificate> all = new ArrayList<>();
        for (Certificate each :
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(pem))) {
            all.add((X509Certificate) each);
        }
        return all;
    }
}
