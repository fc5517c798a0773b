package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.certificates.Csr;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of devices over the management API, in a whole hub. */
class DeviceCertificatesTest {

    private static final String JSON = "application/json";

    private static RunningHub hub;
    private static int devices;

    private String deviceKey;
    private String secret;
    private String path;

    @BeforeAll
    static void start(@TempDir Path folder) {
        hub = RunningHub.startWithAuthority(folder);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void createDevice() {
        deviceKey = "d" + ++devices;
        secret = hub.createDevice(deviceKey);
        path = "/api/v1/products/demo/devices/" + deviceKey + "/certificates";
    }

    private static String body(String csr) {
        return JsonNodeFactory.instance.objectNode().put("csr", csr).toString();
    }

    private Answer issue(Csr csr) {
        return hub.operator().post(path, body(csr.pem()));
    }

    /** As the device, which signs with its secret. */
    private Answer asDevice(String method, String where, String body, String... headers)
            throws Exception {
        return signed(secret, method, where, body)
                .send(method, where, body.isEmpty() ? "" : JSON, body, headers);
    }

    private HttpCaller signed(String key, String method, String where, String body)
            throws Exception {
        return hub.operator()
                .withAuthorization(
                        authorization(
                                key,
                                method,
                                where,
                                body,
                                System.currentTimeMillis(),
                                UUID.randomUUID().toString()));
    }

    private String authorization(
            String key, String method, String where, String body, long time, String nonce)
            throws Exception {
        String hash =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(body.getBytes(StandardCharsets.UTF_8)));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature =
                mac.doFinal(
                        String.join("\n", method, where, hash, Long.toString(time), nonce)
                                .getBytes(StandardCharsets.UTF_8));
        return "Muster-HMAC-SHA256 device=demo/%s,timestamp=%d,nonce=%s,signature=%s"
                .formatted(deviceKey, time, nonce, HexFormat.of().formatHex(signature));
    }

    private static X509Certificate certificate(JsonNode issued) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        issued.path("certificate")
                                                .asText()
                                                .getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void anOperatorGetsACertificateForADeviceThatOpensslAgreesWith(@TempDir Path folder)
            throws Exception {
        OpenSsl openssl = new OpenSsl(folder);
        openssl.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem");
        openssl.run("req", "-new", "-key", "key.pem", "-subj", "/CN=" + deviceKey, "-out", "csr");

        ObjectNode body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("csr", Files.readString(folder.resolve("csr")))
                        .put("validDays", 30);
        Answer answer = hub.operator().post(path, body.toString());

        assertThat(answer.status()).isEqualTo(201);
        JsonNode issued = answer.json();
        assertThat(issued.path("serial").asText()).matches("[0-7][0-9a-f]{15}");
        assertThat(answer.header("Location"))
                .isEqualTo(path + "/" + issued.path("serial").asText());
        X509Certificate certificate = certificate(issued);
        assertThat(certificate.getSerialNumber().toString(16))
                .isEqualTo(issued.path("serial").asText().replaceFirst("^0+", ""));
        assertThat(certificate.getSubjectX500Principal().getName()).contains("CN=" + deviceKey);
        assertThat(
                        Duration.between(
                                certificate.getNotBefore().toInstant(),
                                certificate.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(30));
        Files.writeString(folder.resolve("leaf.pem"), issued.path("certificate").asText());
        Files.writeString(folder.resolve("chain.pem"), issued.path("chain").asText());
        Files.write(folder.resolve("bundle.pem"), fetch("/ca/bundle"));
        assertThat(
                        openssl.run(
                                "verify",
                                "-x509_strict",
                                "-purpose",
                                "sslclient",
                                "-CAfile",
                                "bundle.pem",
                                "-untrusted",
                                "chain.pem",
                                "leaf.pem"))
                .contains("leaf.pem: OK");
    }

    @Test
    void aCertificateIsFoundByItsNumberHoweverThatIsWritten() {
        String serial = issue(Csr.ofNewKey()).json().path("serial").asText();
        String withColons = String.join(":", serial.split("(?<=\\G..)")).toUpperCase(Locale.ROOT);
        for (String written : List.of(serial.replaceFirst("^0+", ""), "00" + serial, withColons)) {
            for (String place : List.of(path, "/api/v1/certificates")) {
                Answer shown = hub.operator().get(place + "/" + written);
                assertThat(shown.json().path("serial").asText()).as(written).isEqualTo(serial);
            }
        }
        Answer wrong = hub.operator().get(path + "/0x1f");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text()).contains("'0x1f'");
    }

    @Test
    void aDeviceGetsListsAndRevokesItsCertificatesWithItsSecret() throws Exception {
        Answer issued = asDevice("POST", path, body(Csr.ofNewKey().pem()));
        assertThat(issued.status()).isEqualTo(201);
        String serial = issued.json().path("serial").asText();

        Answer listed = asDevice("GET", path, "");
        assertThat(listed.json().path("items")).hasSize(1);
        assertThat(listed.json().at("/items/0/serial").asText()).isEqualTo(serial);
        assertThat(listed.json().at("/items/0/status").asText()).isEqualTo("VALID");
        assertThat(listed.json().at("/items/0/requestedBy").asText())
                .isEqualTo("device:demo/" + deviceKey);
        Answer shown = asDevice("GET", path + "/" + serial, "");
        assertThat(shown.json().path("certificate")).isEqualTo(issued.json().path("certificate"));

        Answer revoked =
                asDevice("POST", path + "/" + serial + "/revoke", "{\"reason\":\"superseded\"}");
        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.json().path("status").asText()).isEqualTo("REVOKED");
        assertThat(revoked.json().path("reason").asText()).isEqualTo("SUPERSEDED");
    }

    @Test
    void whoDoesNotHaveTheSecretIsNotTheDevice() throws Exception {
        String body = body(Csr.ofNewKey().pem());

        Answer wrong = signed("wrong", "POST", path, body).post(path, body);
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.json().path("code").asText()).isEqualTo("NOT_AUTHENTICATED");
        Answer changed = signed(secret, "POST", path, "{}").post(path, body);
        assertThat(changed.status()).isEqualTo(401);
        Answer old =
                hub.operator()
                        .withAuthorization(
                                authorization(
                                        secret,
                                        "POST",
                                        path,
                                        body,
                                        System.currentTimeMillis() - 301_000,
                                        "0123456789abcdef"))
                        .post(path, body);
        assertThat(old.status()).isEqualTo(401);
        assertThat(old.json().path("detail").asText()).contains("within 5 minutes");
        assertThat(hub.operator().get(path).json().path("items")).isEmpty();
    }

    @Test
    void aSignedRequestIsTakenOnce() throws Exception {
        String body = body(Csr.ofNewKey().pem());
        HttpCaller caller = signed(secret, "POST", path, body);

        assertThat(caller.post(path, body).status()).isEqualTo(201);
        Answer again = caller.post(path, body);

        assertThat(again.status()).isEqualTo(401);
        assertThat(again.json().path("detail").asText()).contains("made before");
        assertThat(hub.operator().get(path).json().path("items")).hasSize(1);
    }

    @Test
    void aDeviceDoesNothingButWithItsOwnCertificates() throws Exception {
        String other = "d" + ++devices;
        hub.createDevice(other);
        String elsewhere = path.replace(deviceKey, other);
        String body = body(Csr.ofNewKey().pem());

        Answer foreign = signed(secret, "POST", elsewhere, body).post(elsewhere, body);
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.json().path("code").asText()).isEqualTo("NOT_AUTHORIZED");
        for (String where :
                new String[] {
                    "/api/v1/products",
                    "/api/v1/products/demo/devices/" + deviceKey,
                    "/api/v1/products/demo/devices/" + deviceKey + "/secret",
                    "/api/v1/certificates",
                    "/api/v1/me"
                }) {
            assertThat(asDevice("GET", where, "").status()).as(where).isEqualTo(403);
        }
        String all = path + "/revoke";
        assertThat(signed(secret, "POST", all, "").post(all).status()).isEqualTo(403);
    }

    @Test
    void theSameRequestSentAgainBringsTheSameCertificate() throws Exception {
        String body = body(Csr.ofNewKey().pem());

        Answer first = asDevice("POST", path, body, "Idempotency-Key", "one");
        Answer again = asDevice("POST", path, body, "Idempotency-Key", "one");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(hub.operator().get(path).json().path("items")).hasSize(1);
    }

    @Test
    void whatIsRevokedIsOnTheListThatTheCertificateNames() throws Exception {
        JsonNode issued = issue(Csr.ofNewKey()).json();
        String revoke = path + "/" + issued.path("serial").asText() + "/revoke";

        Answer revoked = hub.operator().post(revoke, "{\"reason\":\"cessationOfOperation\"}");
        Answer again = hub.operator().post(revoke);

        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.json().path("crlNumber").asLong()).isPositive();
        assertThat(again.json()).isEqualTo(revoked.json());
        X509CRL list = listOf(certificate(issued));
        assertThat(list.getRevokedCertificate(certificate(issued).getSerialNumber())).isNotNull();
    }

    /** Fetched where the certificate says, but for the host. */
    private static X509CRL listOf(X509Certificate certificate) throws Exception {
        String named =
                new String(certificate.getExtensionValue("2.5.29.31"), StandardCharsets.ISO_8859_1);
        String where = named.substring(named.indexOf("/crl/"), named.indexOf(".crl") + 4);
        return (X509CRL)
                CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(fetch(where)));
    }

    /** What everybody may read. */
    private static byte[] fetch(String where) throws IOException {
        URI address =
                URI.create("http://127.0.0.1:" + hub.hub().managementAddress().getPort() + where);
        try (var stream = address.toURL().openStream()) {
            return stream.readAllBytes();
        }
    }

    @Test
    void aThirdCertificateIsRefusedUntilOneIsRevoked() {
        JsonNode first = issue(Csr.ofNewKey()).json();
        assertThat(issue(Csr.ofNewKey()).status()).isEqualTo(201);

        Answer third = issue(Csr.ofNewKey());
        assertThat(third.status()).isEqualTo(409);
        assertThat(third.json().path("code").asText()).isEqualTo("CERT_LIMIT");

        hub.operator().post(path + "/" + first.path("serial").asText() + "/revoke");
        assertThat(issue(Csr.ofNewKey()).status()).isEqualTo(201);
    }

    @Test
    void aCompromisedKeyTakesAlongWhatItsCertificateRenewedAndNothingElse() {
        KeyPair keys = Csr.ec("secp256r1");
        String serial = issue(Csr.of(keys)).json().path("serial").asText();
        JsonNode renewed =
                hub.operator()
                        .post(path + "/" + serial + "/renew", body(Csr.ofNewKey().pem()))
                        .json();

        hub.operator().post(path + "/" + serial + "/revoke", "{\"reason\":\"KEY_COMPROMISE\"}");

        // An operator asked for the other one: nobody proved anything with the key.
        JsonNode next = hub.operator().get(path + "/" + renewed.path("serial").asText()).json();
        assertThat(next.path("status").asText()).isEqualTo("VALID");
        Answer sameKey = issue(Csr.of(keys));
        assertThat(sameKey.status()).isEqualTo(409);
        assertThat(sameKey.json().path("code").asText()).isEqualTo("KEY_COMPROMISED");
    }

    @Test
    void aRenewalTakesThePlaceOfTheOneBefore() {
        String serial = issue(Csr.ofNewKey()).json().path("serial").asText();

        Answer renewed =
                hub.operator().post(path + "/" + serial + "/renew", body(Csr.ofNewKey().pem()));

        assertThat(renewed.status()).isEqualTo(201);
        assertThat(hub.operator().get(path + "/" + serial).json().path("supersededBy").asText())
                .isEqualTo(renewed.json().path("serial").asText());
        Answer withoutRequest =
                hub.operator()
                        .post(path + "/" + renewed.json().path("serial").asText() + "/renew", "{}");
        assertThat(withoutRequest.json().path("code").asText()).isEqualTo("CERT_LIMIT");
    }

    @Test
    void whatIsTooLongIsRefusedByItsCodeWhoeverSendsIt() throws Exception {
        for (int length : new int[] {17_000, 70_000}) {
            String body = body("x".repeat(length));
            for (Answer answer :
                    List.of(hub.operator().post(path, body), asDevice("POST", path, body))) {
                assertThat(answer.status()).isEqualTo(413);
                assertThat(answer.json().path("code").asText()).isEqualTo("CSR_TOO_LARGE");
            }
        }
        Answer malformed = hub.operator().post(path, body("nonsense"));
        assertThat(malformed.json().path("code").asText()).isEqualTo("CSR_MALFORMED");
        assertThat(hub.operator().withoutToken().get("/metrics").text())
                .contains("muster_certificates_refused_total{code=\"csr_malformed\"}");
    }

    @Test
    void aDeviceIsNotToldWhoWorksWithIt() throws Exception {
        String serial = issue(Csr.ofNewKey()).json().path("serial").asText();
        hub.operator().post(path + "/" + serial + "/revoke");

        JsonNode shown = asDevice("GET", path + "/" + serial, "").json();

        assertThat(shown.path("requestedBy").asText()).isEqualTo("operator");
        assertThat(shown.path("revokedBy").asText()).isEqualTo("operator");
        JsonNode known = hub.operator().get(path + "/" + serial).json();
        assertThat(known.path("revokedBy").asText()).isNotEqualTo("operator");
        assertThat(asDevice("GET", path, "").json().at("/items/0/requestedBy").asText())
                .isEqualTo("operator");
    }

    @Test
    void allCertificatesOfADeviceAreRevokedAtOnce() {
        issue(Csr.ofNewKey());
        issue(Csr.ofNewKey());

        Answer revoked = hub.operator().post(path + "/revoke", "{\"reason\":\"superseded\"}");

        assertThat(revoked.json().path("revoked").asInt()).isEqualTo(2);
        assertThat(revoked.json().path("done").asBoolean()).isTrue();
        assertThat(revoked.json().path("crlsPublished").asBoolean()).isTrue();
        assertThat(hub.operator().get(path).json().path("items"))
                .extracting(each -> each.path("status").asText())
                .containsOnly("REVOKED");
    }

    @Test
    void allCertificatesOfAProductAreRevokedAtOnce() {
        hub.operator().post("/api/v1/products", "{\"productKey\":\"bulk\",\"name\":\"Bulk\"}");
        for (int i = 0; i < 3; i++) {
            hub.operator().post("/api/v1/products/bulk/devices", "{\"deviceKey\":\"b" + i + "\"}");
            hub.operator()
                    .post(
                            "/api/v1/products/bulk/devices/b" + i + "/certificates",
                            body(Csr.ofNewKey().pem()));
        }

        Answer revoked = hub.operator().post("/api/v1/products/bulk/certificates/revoke");

        assertThat(revoked.status()).isEqualTo(200);
        assertThat(revoked.json().path("revoked").asInt()).isEqualTo(3);
        JsonNode left =
                hub.operator().get("/api/v1/certificates?productKey=bulk&status=VALID").json();
        assertThat(left.path("items")).isEmpty();
    }

    @Test
    void operatorsFindCertificatesByTheirEndAndByTheirNumber() {
        JsonNode issued = issue(Csr.ofNewKey()).json();
        String before = Instant.now().plus(Duration.ofDays(366)).toString();

        JsonNode expiring =
                hub.operator()
                        .get(
                                "/api/v1/certificates?productKey=demo&deviceKey="
                                        + deviceKey
                                        + "&status=VALID&expiresBefore="
                                        + before)
                        .json();
        assertThat(expiring.path("items")).hasSize(1);
        JsonNode shown =
                hub.operator().get("/api/v1/certificates/" + issued.path("serial").asText()).json();
        assertThat(shown.path("certificate")).isEqualTo(issued.path("certificate"));
        assertThat(shown.path("deviceKey").asText()).isEqualTo(deviceKey);
        Answer unknown = hub.operator().get("/api/v1/certificates/0000000000000001");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().path("detail").asText()).contains("'0000000000000001'");
    }

    @Test
    void aDeletedDeviceLeavesNoCertificateThatIsGood() throws Exception {
        JsonNode issued = issue(Csr.ofNewKey()).json();

        hub.operator().delete("/api/v1/products/demo/devices/" + deviceKey);

        JsonNode shown =
                hub.operator().get("/api/v1/certificates/" + issued.path("serial").asText()).json();
        assertThat(shown.path("status").asText()).isEqualTo("REVOKED");
        assertThat(shown.path("reason").asText()).isEqualTo("CESSATION_OF_OPERATION");
        await().untilAsserted(
                        () ->
                                assertThat(
                                                listOf(certificate(issued))
                                                        .getRevokedCertificate(
                                                                certificate(issued)
                                                                        .getSerialNumber()))
                                        .isNotNull());
    }
}
