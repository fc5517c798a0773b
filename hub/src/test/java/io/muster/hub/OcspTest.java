package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.Revocation;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.OcspConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The responder of a running hub, as openssl sees it, and what the hub shows of it itself. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OcspTest {

    private static final Duration ANSWER_LIFE = Duration.ofMinutes(10);
    private static final int PER_SECOND = 40;

    private static Path folder;
    private static RunningHub running;
    private static OpenSsl openssl;
    private static final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start(@TempDir Path files) throws IOException {
        folder = files;
        openssl = OpenSsl.in(files);
        HubConfig usual = RunningHub.config(folder.resolve("data"));
        running =
                RunningHub.start(
                        RunningHub.withTls(
                                RunningHub.with(
                                        usual,
                                        HubConfig.Certificates.NONE
                                                .with(AuthorityConfig.DEFAULT)
                                                .with(
                                                        new OcspConfig(
                                                                true,
                                                                true,
                                                                ANSWER_LIFE,
                                                                PER_SECOND)),
                                        usual.management()),
                                usual.tls(),
                                new ListenerConfig(
                                        "tls",
                                        "127.0.0.1",
                                        0,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(TlsMode.SERVER))));
        Path bundle = running.hub().authorityBundle().orElseThrow();
        Files.copy(bundle, openssl.file("bundle.pem"));
        Files.writeString(openssl.file("issuer.pem"), pem(Files.readString(bundle)));
        Files.writeString(openssl.file("server.pem"), certificates(sClient()).get(0));
        await().atMost(Duration.ofSeconds(20)).until(() -> post(request()).statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    /** That of the issuer of servers. */
    private static String pem(String bundle) {
        return certificates(bundle).stream()
                .filter(
                        each ->
                                IssuedCertificate.parsePem(each)
                                        .holder()
                                        .getSubject()
                                        .toString()
                                        .contains("Servers"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> certificates(String text) {
        List<String> found = new ArrayList<>();
        String begin = "-----BEGIN CERTIFICATE-----";
        String end = "-----END CERTIFICATE-----";
        for (int at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + 1)) {
            found.add(text.substring(at, text.indexOf(end, at) + end.length()) + "\n");
        }
        return found;
    }

    private static int tlsPort() {
        return Objects.requireNonNull(running.hub().mqttAddresses().get("tls")).getPort();
    }

    private static String sClient(String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + tlsPort(),
                                "-servername",
                                "localhost",
                                "-showcerts",
                                "-CAfile",
                                "bundle.pem"));
        arguments.addAll(List.of(more));
        return openssl.run(arguments.toArray(String[]::new));
    }

    private static IssuedCertificate server() throws IOException {
        return IssuedCertificate.parsePem(Files.readString(openssl.file("server.pem")));
    }

    private static URI ocsp(String path) {
        return URI.create(
                "http://127.0.0.1:" + running.hub().managementAddress().getPort() + "/ocsp" + path);
    }

    private static byte[] request() throws IOException {
        var unused =
                openssl.run(
                        "ocsp",
                        "-issuer",
                        "issuer.pem",
                        "-cert",
                        "server.pem",
                        "-no_nonce",
                        "-reqout",
                        "request.der");
        return Files.readAllBytes(openssl.file("request.der"));
    }

    private static HttpResponse<byte[]> post(byte[] request) throws Exception {
        return http.send(
                HttpRequest.newBuilder(ocsp(""))
                        .header("Content-Type", "application/ocsp-request")
                        .POST(BodyPublishers.ofByteArray(request))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static HttpResponse<byte[]> get(String request, String... headers) throws Exception {
        HttpRequest.Builder builder = HttpRequest.newBuilder(ocsp("/" + request)).GET();
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return http.send(builder.build(), BodyHandlers.ofByteArray());
    }

    /** What openssl says of a certificate, asking with a nonce by POST. */
    private static String asked(String... which) {
        List<String> arguments =
                new ArrayList<>(List.of("ocsp", "-issuer", "issuer.pem", "-CAfile", "bundle.pem"));
        arguments.addAll(List.of(which));
        arguments.addAll(List.of("-url", ocsp("").toString()));
        return openssl.run(arguments.toArray(String[]::new));
    }

    @Test
    @Order(1)
    void opensslFindsACertificateOfTheHubGood() {
        assertThat(asked("-cert", "server.pem"))
                .contains("Response verify OK", "server.pem: good")
                .doesNotContain("WARNING");
    }

    @Test
    @Order(2)
    void opensslFindsANumberUnknownThatWasNeverGiven() {
        assertThat(asked("-serial", "0x7777777777777777"))
                .contains("Response verify OK", "0x7777777777777777: unknown");
    }

    @Test
    @Order(3)
    void whoSignsIsCertifiedForThatAloneAndNotAskedAbout() {
        String text = asked("-cert", "server.pem", "-resp_text");
        assertThat(text)
                .contains("OCSP Signing", "OCSP No Check", "OCSP responder of server-g1")
                .contains("Digital Signature");
    }

    @Test
    @Order(4)
    void certificatesNameTheResponderIfThatIsWanted() throws Exception {
        assertThat(openssl.run("x509", "-in", "server.pem", "-noout", "-ocsp_uri"))
                .startsWith("http://")
                .contains("/ocsp");
        // A root's key is not there to answer.
        assertThat(openssl.run("x509", "-in", "issuer.pem", "-noout", "-ocsp_uri").strip())
                .isEmpty();
    }

    @Test
    @Order(5)
    void aGetIsAnsweredForCachesAndNotTwice() throws Exception {
        String request = Base64.getEncoder().encodeToString(request());
        HttpResponse<byte[]> answer = get(request);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/ocsp-response");
        assertThat(answer.headers().firstValue("Cache-Control").orElseThrow())
                .contains("max-age=", "public", "no-transform", "must-revalidate");
        assertThat(answer.headers().firstValue("Last-Modified")).isPresent();
        assertThat(answer.headers().firstValue("Expires")).isPresent();
        assertThat(new OCSPResp(answer.body()).getStatus()).isZero();

        String tag = answer.headers().firstValue("ETag").orElseThrow();
        HttpResponse<byte[]> again = get(request, "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        HttpResponse<byte[]> escaped = get(URLEncoder.encode(request, StandardCharsets.UTF_8));
        assertThat(escaped.body()).isEqualTo(answer.body());
    }

    @Test
    @Order(6)
    void anAnswerByPostIsNotForCaches() throws Exception {
        HttpResponse<byte[]> answer = post(request());
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(new OCSPResp(answer.body()).getStatus()).isZero();
    }

    @Test
    @Order(7)
    void whatIsNoRequestIsToldSoInTheFormOfTheProtocol() throws Exception {
        assertThat(new OCSPResp(post(new byte[] {1, 2, 3}).body()).getStatus()).isEqualTo(1);
        assertThat(new OCSPResp(get("bm90aGluZw").body()).getStatus()).isEqualTo(1);
        HttpResponse<String> json =
                http.send(
                        HttpRequest.newBuilder(ocsp(""))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}"))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(json.statusCode()).isEqualTo(415);
        assertThat(json.body()).contains("application/ocsp-request");
    }

    @Test
    @Order(8)
    void aClientThatAsksForItGetsTheAnswerWithTheCertificateOfTheListener() {
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> sClient("-status", version).contains("Cert Status: good"));
            assertThat(sClient("-status", version))
                    .contains("OCSP Response Status: successful", "Cert Status: good");
            assertThat(sClient(version)).doesNotContain("Cert Status");
        }
    }

    @Test
    @Order(9)
    void opensslFindsACertificateRevokedAsSoonAsTheLedgerSaysSo() throws Exception {
        try (OpenRegistry registry = new OpenRegistry(folder.resolve("data"))) {
            RegistryLedger ledger =
                    new RegistryLedger(
                            new CertificateRegistry(registry.database),
                            new CertificateRevocations(registry.database));
            ledger.revoke(
                    new CertificateId(IssuerId.parse("server-g1"), server().serial()),
                    new Revocation(Instant.now(), RevocationReason.SUPERSEDED, "test"));
        }
        assertThat(asked("-cert", "server.pem"))
                .contains("Response verify OK", "server.pem: revoked", "Reason: superseded");
    }

    @Test
    @Order(10)
    void anIssuerWhoseKeyIsDestroyedAnswersNothingMoreAtOnce() throws Exception {
        String path = "/api/v1/certificates/authorities/";
        assertThat(new OCSPResp(post(request()).body()).getStatus()).isZero();
        for (String act : List.of("rollover", "server-g1/retire", "server-g1/destroy")) {
            String body =
                    switch (act) {
                        case "rollover" -> "{\"authority\":\"server\"}";
                        case "server-g1/retire" -> "{}";
                        default -> "{\"force\":true}";
                    };
            assertThat(running.operator().post(path + act, body).status()).isEqualTo(200);
        }
        byte[] request = request();
        int unauthorized = 6;

        await().atMost(Duration.ofSeconds(10))
                .until(() -> new OCSPResp(post(request).body()).getStatus() == unauthorized);
    }

    /** The last, since it leaves the others nothing of its second. */
    @Test
    @Order(11)
    void whoAsksMoreOftenThanIsAllowedIsToldToTryLater() throws Exception {
        byte[] request = request();
        int later = 0;
        for (int i = 0; i < 10 * PER_SECOND && later == 0; i++) {
            later += new OCSPResp(post(request).body()).getStatus() == 3 ? 1 : 0;
        }
        assertThat(later).isPositive();
    }
}
