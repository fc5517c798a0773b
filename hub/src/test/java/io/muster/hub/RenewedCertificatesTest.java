package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.TrustConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices that prove by their present certificate who asks the management API, and what becomes of
 * certificates in whose place others are used.
 */
class RenewedCertificatesTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int DEVICES_OF_MANY = 205;

    private static RunningHub hub;
    private static int devices;

    private String deviceKey;
    private String path;

    /** A certificate and its key. */
    private record Owned(String serial, KeyPair keys, X509Certificate certificate) {

        static Owned of(JsonNode issued, KeyPair keys) {
            return new Owned(
                    issued.path("serial").asText(),
                    keys,
                    TestPki.certificate(issued.path("certificate").asText()));
        }

        SSLContext context() {
            return TestPki.context(keys, certificate);
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        HubConfig usual = CertifiedHub.config(folder, TlsProvider.AUTO, TrustConfig.NONE);
        hub =
                RunningHub.start(
                        RunningHub.with(
                                usual,
                                usual.certificates()
                                        .with(
                                                EnrolmentConfig.DEFAULT
                                                        .withLiveMax(3)
                                                        .withOverlap(Duration.ofSeconds(1))),
                                usual.management()
                                        .with(new HubConfig.ManagementTls(true, "127.0.0.1", 0))));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void createDevice() {
        deviceKey = "r" + ++devices;
        hub.createDevice(deviceKey);
        path = path("demo", deviceKey);
    }

    private static String path(String product, String device) {
        return "/api/v1/products/" + product + "/devices/" + device + "/certificates";
    }

    /** As an operator has it issued. */
    private static Owned issue(String certificates) {
        return issue(hub.operator(), certificates);
    }

    private static Owned issue(HttpCaller operator, String certificates) {
        KeyPair keys = Csr.ec("secp256r1");
        return Owned.of(operator.post(certificates, body(keys)).json(), keys);
    }

    private static String body(KeyPair keys) {
        return JSON.createObjectNode().put("csr", Csr.of(keys).pem()).toString();
    }

    /** What a client that shows this certificate is answered. */
    private static HttpResponse<String> showing(Owned shown, String where, String body)
            throws Exception {
        int port = hub.hub().managementTlsAddress().orElseThrow().getPort();
        return HttpClient.newBuilder()
                .sslContext(shown.context())
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + port + where))
                                .timeout(Duration.ofSeconds(20))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
    }

    private static TlsClient client(Owned certificate) {
        InetSocketAddress address = Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls"));
        return new TlsClient(address, certificate.context());
    }

    private static int signIn(Owned certificate) {
        try (TlsClient client = client(certificate)) {
            return client.connect("any", null, null);
        }
    }

    private JsonNode shown(Owned certificate) {
        return hub.operator().get(path + "/" + certificate.serial()).json();
    }

    private String status(Owned certificate) {
        return shown(certificate).path("status").asText();
    }

    @Test
    void aDeviceRenewsWithItsPresentCertificateAndWithoutItsSecret() throws Exception {
        Owned before = issue(path);
        KeyPair keys = Csr.ec("secp256r1");

        HttpResponse<String> answer = showing(before, path, body(keys));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        Owned renewed = Owned.of(JSON.readTree(answer.body()), keys);
        assertThat(renewed.certificate().getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(shown(renewed).path("renews").asText()).isEqualTo(before.serial());
        assertThat(shown(before).path("supersededBy").asText()).isEqualTo(renewed.serial());
    }

    @Test
    void aCertificateDoesNothingForAnotherDeviceAndNothingOnceItIsRevoked() throws Exception {
        Owned own = issue(path);
        String other = path;
        createDevice();

        HttpResponse<String> foreign = showing(own, path, body(Csr.ec("secp256r1")));

        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(foreign.body()).contains("NOT_AUTHORIZED");
        int port = hub.hub().managementTlsAddress().orElseThrow().getPort();
        HttpClient connected = HttpClient.newBuilder().sslContext(own.context()).build();
        HttpRequest renewal =
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + other))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}"))
                        .build();
        assertThat(connected.send(renewal, BodyHandlers.ofString()).statusCode()).isEqualTo(400);
        hub.operator().post(other + "/" + own.serial() + "/revoke");
        HttpResponse<String> revoked = connected.send(renewal, BodyHandlers.ofString());
        assertThat(revoked.statusCode()).isEqualTo(403);
        assertThat(JSON.readTree(revoked.body()).path("code").asText()).isEqualTo("NOT_AUTHORIZED");
        assertThat(revoked.body()).contains("revoked");
        await().untilAsserted(
                        () ->
                                assertThat(hub.operator().get("/api/v1/audit?limit=20").text())
                                        .contains(
                                                "the certificate that the client showed is not"
                                                        + " accepted: revoked"));
    }

    @Test
    void onlyWhatIsReplacedEndsSomeTimeAfterTheOtherOneIsUsed() throws Exception {
        Owned shown = issue(path);
        Owned old = issue(path);
        KeyPair keys = Csr.ec("secp256r1");
        HttpResponse<String> answer =
                showing(shown, path + "/" + old.serial() + "/renew", body(keys));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        Owned renewed = Owned.of(JSON.readTree(answer.body()), keys);
        assertThat(shown(renewed).path("renews").asText()).isEqualTo(shown.serial());
        assertThat(shown(renewed).path("replaces").asText()).isEqualTo(old.serial());

        try (TlsClient client = client(old)) {
            assertThat(client.connect("any", null, null)).isZero();
        }
        assertThat(status(old)).isEqualTo("VALID");
        assertThat(signIn(renewed)).isZero();

        await().untilAsserted(() -> assertThat(status(old)).isEqualTo("REVOKED"));
        assertThat(shown(old).path("reason").asText()).isEqualTo("SUPERSEDED");
        assertThat(shown(old).path("revokedBy").asText()).isEqualTo("hub");
        assertThat(signIn(old)).isEqualTo(TlsClient.CLOSED);
        assertThat(status(shown)).isEqualTo("VALID");
        assertThat(signIn(shown)).isZero();
    }

    @Test
    void twoWhoRevokeTheSameAtOnceAreToldTheSame() throws Exception {
        Owned certificate = issue(path);
        String revoke = path + "/" + certificate.serial() + "/revoke";

        List<Answer> answers =
                all(
                        List.of(
                                () -> hub.operator().post(revoke, "{\"reason\":\"superseded\"}"),
                                () ->
                                        hub.operator()
                                                .post(
                                                        revoke,
                                                        "{\"reason\":\"cessationOfOperation\"}")));

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers.get(0).json().path("reason"))
                .isEqualTo(answers.get(1).json().path("reason"));
        assertThat(answers)
                .allSatisfy(
                        each -> assertThat(each.json().path("crlNumber").asLong()).isPositive());
    }

    @Test
    void twoThatAreRevokedAtOnceAreBothOnAListWhenThatIsAnswered() throws Exception {
        Owned one = issue(path);
        Owned other = issue(path);

        List<Answer> answers =
                all(
                        List.of(
                                () -> hub.operator().post(path + "/" + one.serial() + "/revoke"),
                                () ->
                                        hub.operator()
                                                .post(path + "/" + other.serial() + "/revoke")));

        assertThat(answers)
                .allSatisfy(
                        each -> assertThat(each.json().path("crlNumber").asLong()).isPositive());
        assertThat(List.of(one, other)).extracting(this::status).containsOnly("REVOKED");
    }

    @Test
    void whatWasGotBeforeAKeyLeakedStays() throws Exception {
        Owned old = issue(path);
        KeyPair keys = Csr.ec("secp256r1");
        Owned renewed = Owned.of(JSON.readTree(showing(old, path, body(keys)).body()), keys);
        String later = Instant.now().toString();
        String revoke = path + "/" + old.serial() + "/revoke";

        assertThat(
                        hub.operator()
                                .post(revoke, "{\"compromisedAt\":\"" + later + "\"}")
                                .json()
                                .path("detail")
                                .asText())
                .contains("KEY_COMPROMISE only");
        String leaked = "{\"reason\":\"keyCompromise\",\"compromisedAt\":\"%s\"}";
        assertThat(hub.operator().post(revoke, leaked.formatted("2999-01-01T00:00:00Z")).status())
                .isEqualTo(400);
        assertThat(hub.operator().post(revoke, leaked.formatted("soon")).status()).isEqualTo(400);
        assertThat(hub.operator().post(revoke, leaked.formatted(later)).status()).isEqualTo(200);
        assertThat(status(old)).isEqualTo("REVOKED");
        assertThat(status(renewed)).isEqualTo("VALID");

        assertThat(hub.operator().post(revoke, "{\"reason\":\"keyCompromise\"}").status())
                .isEqualTo(200);
        assertThat(status(renewed)).isEqualTo("REVOKED");
    }

    @Test
    void aWholeProductIsOutAtOnce() throws Exception {
        HttpCaller operator = hub.operator();
        operator.post("/api/v1/products", "{\"productKey\":\"many\",\"name\":\"Many\"}");
        List<Callable<Owned>> issuing = new ArrayList<>();
        StringBuilder devices = new StringBuilder("deviceKey\n");
        for (int i = 0; i < DEVICES_OF_MANY; i++) {
            String key = "m" + i;
            devices.append(key).append('\n');
            issuing.add(() -> issue(operator, path("many", key)));
        }
        operator.post("/api/v1/products/many/import", "text/csv", devices.toString());
        List<Owned> all = all(issuing);
        List<Callable<TlsClient>> connecting = new ArrayList<>();
        all.forEach(each -> connecting.add(() -> connected(each)));
        List<TlsClient> clients = all(connecting);
        try {
            Owned another = issue(path);
            try (TlsClient untouched = client(another)) {
                assertThat(untouched.connect("any", null, null)).isZero();

                JsonNode revoked =
                        hub.operator().post("/api/v1/products/many/certificates/revoke").json();

                assertThat(revoked)
                        .isEqualTo(
                                JSON.valueToTree(
                                        Map.of(
                                                "revoked",
                                                DEVICES_OF_MANY,
                                                "done",
                                                true,
                                                "crlsPublished",
                                                true,
                                                "connectionsClosed",
                                                true)));
                assertThat(clients).extracting(TlsClient::end).containsOnly(ADMINISTRATIVE_ACTION);
                assertThat(untouched.isAlive()).isTrue();
            }
            assertThat(signIn(all.get(DEVICES_OF_MANY - 1))).isEqualTo(TlsClient.CLOSED);
        } finally {
            clients.forEach(TlsClient::close);
        }
    }

    private static TlsClient connected(Owned certificate) {
        TlsClient client = client(certificate);
        assertThat(client.connect("any", null, null)).isZero();
        return client;
    }

    private static <T> List<T> all(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
