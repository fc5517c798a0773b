package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.http.Json;
import io.muster.hub.certificates.Csr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A back-end has a certificate of the hub's authority, which is revoked while the hub runs. */
class RevokedServerTest {

    private static String serial;
    private static PageHub hub;

    @BeforeAll
    static void issueAndStart(@TempDir Path folder) throws IOException, CertificateException {
        serial = issue(folder, "backend.example");
        hub = PageHub.start(folder);
    }

    /** The serial number of a certificate that is made before the hub starts. */
    private static String issue(Path folder, String host) throws IOException, CertificateException {
        Path certificate = folder.resolve(host + ".pem");
        Map<String, String> environment =
                Map.of(
                        "MUSTER_DATA",
                        folder.resolve("data").toString(),
                        "MUSTER_CERTIFICATES_AUTHORITY_PUBLIC_ADDRESS",
                        "http://hub.example");
        CommandRun issued =
                CommandRun.of(
                        environment,
                        "",
                        "ca",
                        "issue",
                        "--server",
                        host,
                        "--key-out",
                        folder.resolve(host + ".key").toString(),
                        "--out",
                        certificate.toString());
        assertThat(issued.exitCode()).as(issued.err()).isZero();
        try (var in = Files.newInputStream(certificate)) {
            X509Certificate first =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in);
            return "%016x".formatted(first.getSerialNumber());
        }
    }

    @AfterAll
    static void close() {
        hub.close();
    }

    @Test
    void byItsNumberAndByWhoMayDoEverything() throws IOException {
        assertThat(hub.run("certificate", "show", serial).out())
                .contains("SERVER", "backend.example", "VALID");
        String path = "/api/v1/certificates/" + serial;
        HttpCaller operator = caller("operate");

        Answer refused = operator.post(path + "/revoke", "{\"reason\":\"SUPERSEDED\"}");

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asText())
                .startsWith("this needs the role admin; key:");
        assertThat(operator.get(path).json().path("status").asText()).isEqualTo("VALID");
        assertRefusalIsInTheAuditLog(caller("admin"));

        CommandRun revoked = hub.run("certificate", "revoke", serial, "--json");

        assertThat(revoked.exitCode()).as(revoked.err()).isZero();
        assertThat(revoked.out())
                .contains("\"issuer\":\"server-g1\"", "\"status\":\"REVOKED\"")
                .containsPattern("\"crlNumber\":[0-9]+");
        assertThat(operator.get(path).json().path("status").asText()).isEqualTo("REVOKED");
    }

    /** Rows are written behind. */
    private static void assertRefusalIsInTheAuditLog(HttpCaller admin) {
        String told =
                "\"refused\",\"status\":403,\"detail\":\"certificate server-g1/%s, of server/backend.example\""
                        .formatted(serial);
        await().untilAsserted(
                        () ->
                                assertThat(admin.get("/api/v1/audit?act=certificate.revoke").text())
                                        .contains(told));
    }

    @Test
    void thoseOfDevicesByWhoWorksWithDevices() throws IOException {
        HttpCaller operator = caller("operate");
        operator.post("/api/v1/products/demo/devices", "{\"deviceKey\":\"d1\"}");
        Answer issued =
                operator.post(
                        "/api/v1/products/demo/devices/d1/certificates",
                        Json.object().put("csr", Csr.ofNewKey().pem()).toString());
        assertThat(issued.status()).as(issued.text()).isEqualTo(201);

        Answer revoked =
                operator.post(
                        "/api/v1/certificates/" + issued.json().path("serial").asText() + "/revoke",
                        "{}");

        assertThat(revoked.status()).as(revoked.text()).isEqualTo(200);
    }

    /** Somebody with an API key of this role. */
    private static HttpCaller caller(String role) throws IOException {
        CommandRun made = hub.run("api-key", "create", "--role", role, "--json");
        assertThat(made.exitCode()).as(made.err()).isZero();
        return HttpCaller.of(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), hub.managementPort()),
                new ObjectMapper().readTree(made.out()).path("token").asText());
    }
}
