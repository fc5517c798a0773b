package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.hub.certificates.TestPki;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A hub whose authority has its keys in a token of SoftHSM; skipped where there is none. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TokenAuthorityTest {

    private static final String PIN = "482915";

    private static Path folder;
    private static Map<String, String> environment;
    private static HubProcess hub;

    @BeforeAll
    static void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        environment = environment(makeToken());
        hub = HubProcess.start(Files.createDirectories(folder.resolve("hub")), environment);
    }

    @AfterAll
    static void stop() {
        if (hub != null) {
            hub.close();
        }
    }

    /** The library of SoftHSM, which has a token then. */
    private static Path makeToken() throws IOException, InterruptedException {
        Path command =
                command("softhsm2-util")
                        .orElseThrow(() -> Requirement.SOFTHSM.missing("no softhsm2-util here"));
        Path library =
                library(command)
                        .orElseThrow(() -> Requirement.SOFTHSM.missing("no libsofthsm2.so here"));
        Path tokens = Files.createDirectories(folder.resolve("tokens"));
        Files.writeString(
                folder.resolve("softhsm2.conf"),
                "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        ProcessBuilder making =
                new ProcessBuilder(
                        command.toString(),
                        "--init-token",
                        "--free",
                        "--label",
                        "muster",
                        "--so-pin",
                        "739104",
                        "--pin",
                        PIN);
        making.environment().put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process process = making.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return library;
    }

    private static Optional<Path> command(String name) {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
                .map(path -> Path.of(path, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> library(Path command) throws IOException {
        Path libraries = command.toAbsolutePath().resolve("../../lib").normalize();
        try (Stream<Path> files =
                Files.find(libraries, 3, (file, any) -> file.endsWith("softhsm/libsofthsm2.so"))) {
            return files.findFirst();
        }
    }

    private static Map<String, String> environment(Path library) throws IOException {
        Path pin = Files.writeString(folder.resolve("pin"), PIN + "\n");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        Map<String, String> all = new HashMap<>();
        all.put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        String keys = "MUSTER_CERTIFICATES_AUTHORITY_KEYS_";
        all.put(keys + "STORE", "pkcs11");
        all.put(keys + "PKCS11_LIBRARY", library.toString());
        all.put(keys + "PKCS11_SLOT", "0");
        all.put(keys + "PKCS11_PIN_FILE", pin.toString());
        return all;
    }

    @Test
    @Order(1)
    void issuesAndRevokesWithKeysThatAreInNoFile() throws Exception {
        HttpCaller operator = hub.operator();
        assertThat(operator.get("/api/v1/certificates/authorities").json().path("items"))
                .hasSize(4)
                .allMatch(each -> each.path("key").asText().equals("TOKEN"));
        assertThat(folder.resolve("hub/data/ca/keys")).doesNotExist();
        operator.post("/api/v1/products/demo/devices", "{\"deviceKey\":\"hsm\"}");
        KeyPair keys = TestPki.ec();
        var issued =
                operator.post(
                        "/api/v1/products/demo/devices/hsm/certificates",
                        new ObjectMapper().writeValueAsString(Map.of("csr", TestPki.csr(keys))));
        assertThat(issued.status()).as(issued.text()).isEqualTo(201);
        X509Certificate issuer = TestPki.certificate(issued.json().path("chain").asText());
        TestPki.certificate(issued.json().path("certificate").asText())
                .verify(issuer.getPublicKey());
        String serial = issued.json().path("serial").asText();
        assertThat(
                        operator.post("/api/v1/certificates/" + serial + "/revoke", "{}")
                                .json()
                                .path("crlNumber")
                                .asInt())
                .isEqualTo(2);
    }

    @Test
    @Order(2)
    void anotherHubDoesNotTakeItsKeys() throws Exception {
        Path home = Files.createDirectories(folder.resolve("other"));
        try (HubProcess other = HubProcess.launch(home, environment)) {
            assertThat(other.exitCode()).isNotZero();
            assertThat(other.err()).contains("there is a key root-g1 already");
        }
    }

    @Test
    @Order(3)
    void isFoundAgainAfterARestart() throws Exception {
        hub.close();
        hub = HubProcess.start(folder.resolve("hub"), environment);
        assertThat(hub.operator().get("/api/v1/certificates/authorities").json().path("items"))
                .hasSize(4)
                .allMatch(each -> each.path("key").asText().equals("TOKEN"));
    }
}
