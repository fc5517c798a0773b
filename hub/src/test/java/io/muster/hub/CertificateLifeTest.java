package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.key.KeyKind;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.MovedClock;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.TrustConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of a device and of a hub, whose clock stands still but for what it is moved here. */
@Timeout(60)
class CertificateLifeTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int DAYS = 3;
    private static final Duration SERVER_LIFE = Duration.ofHours(1);
    private static final Pattern LIST = Pattern.compile("/crl/[a-z0-9-]+/[0-9]+\\.crl");
    private static final String DEVICE = "long-lived";
    private static final String PATH = "/api/v1/products/demo/devices/" + DEVICE + "/certificates";

    private static final MovedClock CLOCK = new MovedClock();

    private static RunningHub hub;
    private static String secret;

    /** A certificate and its key. */
    private record Owned(KeyPair keys, X509Certificate certificate) {

        SSLContext context() {
            return TestPki.context(keys, certificate);
        }

        BigInteger number() {
            return certificate.getSerialNumber();
        }

        Instant end() {
            return certificate.getNotAfter().toInstant();
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        HubConfig usual = CertifiedHub.config(folder, TlsProvider.AUTO, TrustConfig.NONE);
        AuthorityConfig authority = AuthorityConfig.DEFAULT;
        EnrolmentConfig enrolment =
                new EnrolmentConfig(
                        2, DAYS, DAYS, Duration.ofSeconds(1), false, 60, 60, Duration.ofSeconds(8));
        hub =
                RunningHub.start(
                        RunningHub.with(
                                usual,
                                usual.certificates()
                                        .with(
                                                new AuthorityConfig(
                                                        true,
                                                        authority.organization(),
                                                        authority.publicAddress(),
                                                        authority.storage(),
                                                        authority.keys(),
                                                        new AuthorityConfig.Lists(
                                                                1,
                                                                new CrlTimes(
                                                                        Duration.ofDays(1),
                                                                        Duration.ofSeconds(10))),
                                                        authority.lives(),
                                                        new AuthorityConfig.Server(
                                                                List.of(),
                                                                List.of(KeyKind.EC_P256),
                                                                SERVER_LIFE)))
                                        .with(enrolment),
                                usual.management()
                                        .with(new HubConfig.ManagementTls(true, "127.0.0.1", 0))),
                        CLOCK);
        secret = hub.createDevice(DEVICE);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static String request(KeyPair keys) {
        return new JsonMapper().valueToTree(Map.of("csr", Csr.of(keys).pem())).toString();
    }

    /** What the management API answers over TLS. */
    private static HttpResponse<String> post(SSLContext shown, HttpRequest.Builder request)
            throws Exception {
        return HttpClient.newBuilder()
                .sslContext(shown)
                .build()
                .send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder to(String path) {
        int port = hub.hub().managementTlsAddress().orElseThrow().getPort();
        return HttpRequest.newBuilder(URI.create("https://localhost:" + port + path));
    }

    /** The device has nothing but its secret. */
    private static Owned enrolled() throws Exception {
        KeyPair keys = Csr.ec("secp256r1");
        String user =
                Base64.getEncoder()
                        .encodeToString(
                                ("demo/" + DEVICE + ":" + secret).getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer =
                post(
                        TestPki.context(null),
                        to("/.well-known/est/simpleenroll")
                                .header("Content-Type", "application/pkcs10")
                                .header("Authorization", "Basic " + user)
                                .POST(
                                        BodyPublishers.ofString(
                                                Base64.getEncoder()
                                                        .encodeToString(Csr.of(keys).der()))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        byte[] certificates = Base64.getMimeDecoder().decode(answer.body());
        return new Owned(
                keys,
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificates(new ByteArrayInputStream(certificates))
                                .iterator()
                                .next());
    }

    /** By its present certificate. */
    private static HttpResponse<String> renewal(Owned present, KeyPair keys) throws Exception {
        return post(
                present.context(),
                to(PATH).header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(request(keys))));
    }

    private static Owned renewed(Owned present) throws Exception {
        KeyPair keys = Csr.ec("secp256r1");
        HttpResponse<String> answer = renewal(present, keys);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        JsonNode issued = new JsonMapper().readTree(answer.body());
        return new Owned(keys, TestPki.certificate(issued.path("certificate").asText()));
    }

    private static InetSocketAddress mtls() {
        return Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls"));
    }

    private static TlsClient connected(Owned certificate) {
        TlsClient client = new TlsClient(mtls(), certificate.context());
        assertThat(client.connect("any", null, null)).isZero();
        return client;
    }

    private static int signIn(Owned certificate) {
        try (TlsClient client = new TlsClient(mtls(), certificate.context())) {
            return client.connect("any", null, null);
        }
    }

    private static String status(Owned certificate) {
        return hub.operator()
                .get(PATH + "/" + "%016x".formatted(certificate.number()))
                .json()
                .path("status")
                .asText();
    }

    /** The list that it names. */
    private static X509CRL list(Owned certificate) throws Exception {
        Matcher address =
                LIST.matcher(
                        new String(
                                certificate.certificate().getEncoded(),
                                StandardCharsets.ISO_8859_1));
        assertThat(address.find()).isTrue();
        int port = hub.hub().managementAddress().getPort();
        byte[] list =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://localhost:"
                                                                + port
                                                                + address.group()))
                                        .build(),
                                BodyHandlers.ofByteArray())
                        .body();
        return (X509CRL)
                CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(list));
    }

    /** What the hub shows to who connects now. */
    private static X509Certificate server() throws Exception {
        try (SSLSocket socket =
                (SSLSocket)
                        TestPki.context(null)
                                .getSocketFactory()
                                .createSocket("localhost", address("tls").getPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static InetSocketAddress address(String listener) {
        return Objects.requireNonNull(hub.hub().mqttAddresses().get(listener));
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }

    @Test
    void aDeviceHasACertificateForAllOfItsLife() throws Exception {
        Owned first = enrolled();
        assertThat(signIn(first)).isZero();
        Owned second = renewedInItsLastThird(first);
        isSupersededWhenTheOtherIsUsed(first, second);
        isOnEachListOfTheTimer(first);
        try (TlsClient client = connected(second)) {
            theHubRenewsItsOwn(client);
            endsWithItsCertificate(client, second);
        }
        assertThat(signIn(second)).isEqualTo(TlsClient.CLOSED);
        assertThatIOException().isThrownBy(() -> renewal(second, Csr.ec("secp256r1")));
        assertThat(signIn(enrolled())).isZero();
    }

    private static Owned renewedInItsLastThird(Owned first) throws Exception {
        CLOCK.advance(Duration.ofDays(DAYS).multipliedBy(2).dividedBy(3).minusMinutes(10));
        // Nobody is let in until what the registry has revoked is read by the new time.
        await().ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(
                        () -> {
                            HttpResponse<String> early = renewal(first, Csr.ec("secp256r1"));
                            assertThat(early.statusCode()).isEqualTo(403);
                            assertThat(early.body())
                                    .contains("NOT_RENEWABLE")
                                    .contains("last third");
                        });
        CLOCK.advance(Duration.ofMinutes(10));
        return renewed(first);
    }

    private static void isSupersededWhenTheOtherIsUsed(Owned first, Owned second) {
        CLOCK.advance(Duration.ofHours(1));
        await().during(Duration.ofMillis(1_500))
                .until(() -> signIn(first) == 0 && status(first).equals("VALID"));
        assertThat(signIn(second)).isZero();
        await().until(
                        () -> {
                            CLOCK.advance(Duration.ofSeconds(2));
                            return status(first).equals("REVOKED");
                        });
        assertThat(signIn(first)).isEqualTo(TlsClient.CLOSED);
        assertThat(signIn(second)).isZero();
    }

    private static void isOnEachListOfTheTimer(Owned first) throws Exception {
        await().until(() -> list(first).getRevokedCertificate(first.number()) != null);
        Instant published = list(first).getThisUpdate().toInstant();
        CLOCK.advance(Duration.ofMinutes(5));
        await().until(() -> list(first).getThisUpdate().toInstant().isAfter(published));
        assertThat(list(first).getRevokedCertificate(first.number())).isNotNull();
    }

    private static void theHubRenewsItsOwn(TlsClient client) throws Exception {
        Instant half = CLOCK.instant().plus(SERVER_LIFE.dividedBy(2));
        await().until(() -> end(server()).isAfter(half));
        X509Certificate before = server();
        CLOCK.advance(Duration.between(CLOCK.instant(), end(before)).minusMinutes(1));

        await().until(() -> !server().equals(before));

        assertThat(CLOCK.instant()).isBefore(end(before));
        assertThat(end(server())).isAfter(end(before));
        assertThat(client.isAlive()).isTrue();
    }

    private static void endsWithItsCertificate(TlsClient client, Owned certificate) {
        CLOCK.advance(Duration.between(CLOCK.instant(), certificate.end()).minusSeconds(1));
        await().during(Duration.ofMillis(500)).until(client::isAlive);
        CLOCK.advance(Duration.ofSeconds(2));

        assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
    }
}
