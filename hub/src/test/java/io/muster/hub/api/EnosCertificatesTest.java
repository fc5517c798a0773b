package io.muster.hub.api;

import static io.muster.hub.api.EnosCaller.PRODUCTS;
import static io.muster.hub.api.EnosCaller.code;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.RunningHub;
import io.muster.hub.certificates.Csr;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates as tools that were made for EnOS ask for them, in both forms. */
class EnosCertificatesTest {

    private static final String CERTIFICATES = "/connect-service/v2.0/certificates";
    private static final String SUBJECT = "C=CN,ST=Shanghai,L=Shanghai,O=EnOS,OU=EnOS,CN=anything";

    private static RunningHub hub;
    private static EnosCaller caller;
    private static KeyPair rsa;
    private static int devices;
    private static long time = System.currentTimeMillis();

    private String deviceKey;
    private String query;

    @BeforeAll
    static void start(@TempDir Path folder) {
        hub = RunningHub.startWithAuthority(folder);
        JsonNode key =
                hub.operator()
                        .post("/api/v1/api-keys", "{\"name\":\"tool\",\"role\":\"admin\"}")
                        .json();
        caller =
                EnosCaller.of(hub.operator(), key.path("id").asText(), key.path("secret").asText());
        rsa = Csr.rsa(2048);
        hub.operator()
                .post(
                        "/api/v1/products",
                        "{\"productKey\":\"fan\",\"name\":\"Fans\",\"certificateRequired\":true}");
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void createDevice() {
        deviceKey = "d" + ++devices;
        hub.operator()
                .post("/api/v1/products/fan/devices", "{\"deviceKey\":\"" + deviceKey + "\"}");
        query = "&orgId=o1&productKey=fan&deviceKey=" + deviceKey;
    }

    private static ObjectNode csr(KeyPair keys) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("csr", Csr.of(keys).subject(SUBJECT).pem());
    }

    private JsonNode post(String action, ObjectNode body) {
        return caller.post(CERTIFICATES, "action=" + action + query, body.toString());
    }

    private JsonNode applied(ObjectNode body) {
        JsonNode answer = post("apply", body);
        assertThat(code(answer)).as(answer.toString()).isZero();
        return answer.path("data");
    }

    private JsonNode list() {
        return caller.get(CERTIFICATES, "action=list" + query).path("data");
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aCertificateIsAppliedForAndListed() throws Exception {
        JsonNode data = applied(csr(rsa));

        X509Certificate certificate = certificate(data.path("cert").asText());
        certificate.verify(certificate(data.path("caCert").asText()).getPublicKey());
        assertThat(new BigInteger(data.path("certSN").asText()))
                .isEqualTo(certificate.getSerialNumber());
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withRSA");
        assertThat(data.path("issueAuthority").asText()).isEqualTo("RSA");
        assertThat(
                        Duration.between(
                                certificate.getNotBefore().toInstant(),
                                certificate.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(730));
        URI chain = URI.create(data.path("certChainURL").asText());
        assertThat(chain.getPath()).isEqualTo("/enos/CA/cacert/RSA");
        JsonNode listed = list();
        assertThat(listed).hasSize(1);
        assertThat(listed.at("/0/certSN")).isEqualTo(data.path("certSN"));
        assertThat(listed.at("/0/certStatus").asInt()).isZero();
        assertThat(listed.at("/0/subject").asText()).contains("CN=" + deviceKey);
    }

    @Test
    void authorityAndDaysAreAsAskedFor() throws Exception {
        JsonNode data =
                applied(csr(Csr.ec("secp256r1")).put("issueAuthority", "ecc").put("validDay", 250));

        assertThat(data.path("issueAuthority").asText()).isEqualTo("ECC");
        X509Certificate certificate = certificate(data.path("cert").asText());
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(
                        Duration.between(
                                certificate.getNotBefore().toInstant(),
                                certificate.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(250));
    }

    @Test
    void aRenewalWithoutARequestIsForTheSameKey() throws Exception {
        JsonNode data = applied(csr(Csr.ec("secp256r1")));
        ObjectNode body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("certSn", new BigInteger(data.path("certSN").asText()));

        JsonNode renewed = post("renew", body);

        assertThat(code(renewed)).as(renewed.toString()).isZero();
        assertThat(renewed.path("data").path("certSN")).isNotEqualTo(data.path("certSN"));
        assertThat(certificate(renewed.path("data").path("cert").asText()).getPublicKey())
                .isEqualTo(certificate(data.path("cert").asText()).getPublicKey());
        assertThat(list()).hasSize(2);
    }

    @Test
    void aRevokedCertificateIsShownAsSuchAndNotRenewed() {
        JsonNode data = applied(csr(Csr.ec("secp256r1")));
        ObjectNode body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("certSN", data.path("certSN").asText())
                        .put("reason", 4);

        JsonNode revoked = post("revoke", body);

        assertThat(code(revoked)).as(revoked.toString()).isZero();
        assertThat(revoked.path("data").isNull()).isTrue();
        assertThat(list().at("/0/certStatus").asInt()).isEqualTo(1);
        assertThat(list().at("/0/revokerReason").asInt()).isEqualTo(4);
        assertThat(code(post("renew", body))).isEqualTo(99400);
        assertThat(code(post("revoke", body.put("reason", 6)))).isEqualTo(99400);
    }

    @Test
    void whatCannotBeIsRefusedWithTheCodesOfEnos() {
        assertThat(code(post("apply", JsonNodeFactory.instance.objectNode()))).isEqualTo(99400);
        assertThat(code(post("apply", csr(rsa).put("csr", "nothing")))).isEqualTo(99400);
        assertThat(code(post("apply", csr(Csr.ec("secp256r1")).put("validDay", 1096))))
                .isEqualTo(99400);
        assertThat(code(post("apply", csr(Csr.ec("secp256r1")).put("issueAuthority", "DSA"))))
                .isEqualTo(99400);
        JsonNode unknown =
                caller.post(
                        CERTIFICATES,
                        "action=apply&orgId=o1&productKey=fan&deviceKey=nobody",
                        csr(Csr.ec("secp256r1")).toString());
        assertThat(code(unknown)).isEqualTo(11404);
        assertThat(list()).isEmpty();
    }

    @Test
    void theKeyOfAnotherDeviceIsBound() {
        KeyPair keys = Csr.ec("secp256r1");
        applied(csr(keys));
        createDevice();

        assertThat(code(post("apply", csr(keys)))).isEqualTo(11833);
    }

    @Test
    void aProductWithoutTwoWayAuthenticationHasNoCertificates() {
        assertThat(
                        code(
                                caller.post(
                                        PRODUCTS,
                                        "action=create&orgId=o1",
                                        "{\"productKey\":\"oneway\",\"biDirectionalAuth\":false}")))
                .isZero();
        hub.operator().post("/api/v1/products/oneway/devices", "{\"deviceKey\":\"d\"}");

        JsonNode refused =
                caller.post(
                        CERTIFICATES,
                        "action=apply&orgId=o1&productKey=oneway&deviceKey=d",
                        csr(Csr.ec("secp256r1")).toString());

        assertThat(code(refused)).isEqualTo(99400);
        assertThat(refused.path("msg").asText()).contains("two-way authentication");
    }

    /** As the tool for certificates of the first form signs. */
    private Answer first(String method, String action, String parameters, String body)
            throws Exception {
        return first(method, action, parameters, body, ++time);
    }

    private Answer first(
            String method, String action, String parameters, String body, long timestamp)
            throws Exception {
        TreeMap<String, String> query = new TreeMap<>();
        query.put("orgId", "o1");
        query.put("requestTimestamp", Long.toString(timestamp));
        if (!parameters.isEmpty()) {
            int end = parameters.indexOf('=');
            query.put(parameters.substring(0, end), parameters.substring(end + 1));
        }
        String sorted =
                query.entrySet().stream()
                        .map(each -> each.getKey() + each.getValue())
                        .collect(Collectors.joining());
        String signed = caller.keyId() + sorted + body + caller.secret();
        String sign =
                HexFormat.of()
                        .withUpperCase()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(signed.getBytes(StandardCharsets.UTF_8)));
        String sent =
                query.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining("&"));
        HttpCaller http = hub.operator().withoutToken();
        return http.send(
                method,
                "/connectService/products/fan/devices/%s/certificates/%s?accessKey=%s&%s&sign=%s"
                        .formatted(deviceKey, action, caller.keyId(), sent, sign),
                body.isEmpty() ? "" : "application/json",
                body);
    }

    @Test
    void theFirstFormAppliesListsAndRevokes() throws Exception {
        String text =
                JsonNodeFactory.instance
                        .textNode(Csr.of(Csr.ec("secp256r1")).subject(SUBJECT).pem())
                        .toString();

        JsonNode applied = first("POST", "apply", "", text).json();

        assertThat(applied.path("status").asInt(-1)).as(applied.toString()).isZero();
        String number = applied.path("data").path("certSN").asText();
        assertThat(certificate(applied.path("data").path("cert").asText()).getSerialNumber())
                .isEqualTo(new BigInteger(number));
        JsonNode listed = first("GET", "list", "", "").json().path("data");
        assertThat(listed.at("/0/certSN").asText()).isEqualTo(number);
        assertThat(listed.at("/0/certStatus").asInt()).isZero();
        JsonNode revoked = first("DELETE", "revoke", "certSN=" + number, "").json();
        assertThat(revoked.path("status").asInt(-1)).as(revoked.toString()).isZero();
        assertThat(first("GET", "list", "", "").json().at("/data/0/certStatus").asInt())
                .isEqualTo(1);
    }

    /** Neither method nor path is signed. */
    @Test
    void aSignatureThatListsRevokesNothing() throws Exception {
        applied(csr(Csr.ec("secp256r1")));
        long now = ++time;

        assertThat(first("GET", "list", "", "", now).status()).isEqualTo(200);
        assertThat(first("DELETE", "revoke", "", "", now).status()).isEqualTo(401);
        assertThat(list().at("/0/certStatus").asInt()).isZero();
    }

    @Test
    void aDeviceThatThereIsNotIsSaidSo() {
        query = "&orgId=o1&productKey=fan&deviceKey=nobody";
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("certSn", 1);

        assertThat(code(caller.get(CERTIFICATES, "action=list" + query))).isEqualTo(11404);
        assertThat(code(post("revoke", body))).isEqualTo(11404);
        assertThat(code(post("renew", body))).isEqualTo(11404);
    }

    @Test
    void aCallOfTheFirstFormIsTakenOnceAndInTimeOnly() throws Exception {
        long now = ++time;

        assertThat(first("DELETE", "revoke", "", "", now).status()).isEqualTo(200);
        assertThat(first("DELETE", "revoke", "", "", now).status()).isEqualTo(401);
        assertThat(first("GET", "list", "", "", now - 400_000).status()).isEqualTo(401);
    }
}
