package io.muster.hub.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.hub.Program;
import io.muster.hub.Requirement;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the page of certificates says, against a hub on ports of its own. It needs {@code
 * openssl}, and the program in Python a {@code python3} with paho-mqtt; without them it is skipped.
 */
class CertificatesPageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final String LISTENERS =
            "[{ name = tcp, bind = \"127.0.0.1\", port = 0 },"
                    + " { name = mtls, type = mtls, bind = \"127.0.0.1\", port = 0 }]";
    private static final Map<String, String> SETTINGS =
            Map.of("MUSTER_LISTENERS", LISTENERS, "MUSTER_MANAGEMENT_TLS_ENABLED", "true");

    private final Path folder;
    private Program shell;

    CertificatesPageTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @BeforeEach
    void needOpenssl() {
        shell = new Program(folder, Requirement.OPENSSL);
    }

    /** As a shell does it in the folder, but for what speaks to the hub. */
    private void run(PageHub hub, String line) throws IOException {
        String[] words = line.split(" ", -1);
        if (words[0].equals("./muster")) {
            CommandRun done = muster(hub, Arrays.copyOfRange(words, 1, words.length));
            assertThat(done.exitCode()).as(line + ": " + done.err()).isZero();
            assertThat(done.out()).as("what is in a file").doesNotContain("BEGIN CERTIFICATE");
        } else if (words[0].equals("curl")) {
            fetch(words[2], words[3].replace("8080", Integer.toString(hub.managementPort())));
        } else {
            type(line);
        }
    }

    private void type(String line) {
        Program.Run done = shell.run("sh", "-c", line);
        assertThat(done.exitCode()).as(line + ": " + done.output()).isZero();
    }

    private CommandRun muster(PageHub hub, String... words) {
        return hub.run(
                Arrays.stream(words)
                        .map(
                                word ->
                                        word.matches("[\\w/]+\\.(csr|pem)")
                                                ? folder.resolve(word).toString()
                                                : word)
                        .toArray(String[]::new));
    }

    private void fetch(String file, String address) throws IOException {
        try (InputStream in = URI.create(address).toURL().openStream()) {
            Files.write(folder.resolve(file), in.readAllBytes());
        }
    }

    /** A client with the files of a device. */
    private TlsClient client(PageHub hub, String device) throws Exception {
        return new TlsClient(hub.mqttAddress("mtls"), context(device));
    }

    private int signIn(PageHub hub, String device) throws Exception {
        try (TlsClient client = client(hub, device)) {
            return client.connect(device, null, null);
        }
    }

    private SSLContext context(String device) throws Exception {
        X509Certificate certificate =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(
                                        new ByteArrayInputStream(
                                                Files.readAllBytes(
                                                        folder.resolve(device + ".pem"))));
        String key =
                Files.readString(folder.resolve(device + ".key"))
                        .replaceAll("-----.*-----|\\s", "");
        PrivateKey own =
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key)));
        return TestPki.context(new KeyPair(certificate.getPublicKey(), own), certificate);
    }

    @Test
    void theFirstDeviceConnectsAfterFiveCommandsAndIsOutOnceItIsRevoked() throws Exception {
        List<String> commands = CertificatesPage.section("The first device").commands();
        assertThat(commands.get(4)).startsWith("python3 certified.py ");
        assertThat(commands.get(6)).startsWith("./muster certificate revoke --all-of ");
        try (PageHub hub = PageHub.start(folder, SETTINGS)) {
            for (String command : commands.subList(0, 4)) {
                run(hub, command);
            }
            try (TlsClient client = client(hub, "d1")) {
                assertThat(client.connect("d1", null, null)).isZero();
                run(hub, commands.get(5));

                run(hub, commands.get(6));

                assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            }
            assertThat(signIn(hub, "d1")).isEqualTo(TlsClient.CLOSED);
        }
    }

    @Test
    void theProgramInPythonConnectsAndEndsWhenItsCertificateIsRevoked() throws Exception {
        needsPaho();
        CertificatesPage page = CertificatesPage.section("The first device");
        List<String> commands = page.commands();
        try (PageHub hub = PageHub.start(folder, SETTINGS)) {
            for (String command : commands.subList(0, 4)) {
                run(hub, command);
            }
            Files.writeString(folder.resolve("certified.py"), page.file("certified.py"));
            Path output = folder.resolve("output");
            String[] words =
                    (commands.get(4) + " localhost " + hub.mqttAddress("mtls").getPort())
                            .split(" ", -1);
            Process program =
                    new ProcessBuilder(words)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            try {
                await().atMost(PATIENCE)
                        .failFast("the program ended", () -> !program.isAlive())
                        .until(() -> Files.readString(output).contains("published"));

                run(hub, commands.get(6));

                assertThat(program.waitFor(PATIENCE.toSeconds(), SECONDS)).isTrue();
                assertThat(Files.readString(output)).contains("disconnected");
            } finally {
                program.destroyForcibly();
            }
        }
    }

    private static void needsPaho() throws Exception {
        Process probe =
                new ProcessBuilder("python3", "-c", "import paho.mqtt.client")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (probe.waitFor() != 0) {
            throw Requirement.PAHO.missing("python3 has no paho-mqtt: " + said);
        }
    }

    @Test
    void anAuthorityMadeByOpensslIsUsedBesidesOurs() throws Exception {
        CertificatesPage page = CertificatesPage.section("Another authority");
        for (String name : List.of("client.ext", "ca.cnf")) {
            Files.writeString(folder.resolve(name), page.file(name));
        }
        List<String> commands = page.commands();
        List<String> before =
                commands.stream()
                        .filter(line -> !isOfHub(line) && !line.contains("-revoke"))
                        .toList();
        assertThat(before).hasSize(7);
        before.subList(0, 6).forEach(this::type);
        Path conf = folder.resolve("muster.conf");
        Files.writeString(
                conf,
                page.configuration()
                        .replace("factory.pem", "\"" + folder.resolve("factory.pem") + "\"")
                        .replace("factory.crl", folder.resolve("factory.crl").toString()));
        Map<String, String> settings =
                Map.of("MUSTER_LISTENERS", LISTENERS, "MUSTER_CONFIG", conf.toString());
        try (PageHub hub = PageHub.start(folder, settings)) {
            for (String command :
                    commands.stream().filter(CertificatesPageTest::isOfHub).toList()) {
                if (!command.contains("revoke")) {
                    run(hub, command);
                }
            }
            try (TlsClient client = client(hub, "f1")) {
                assertThat(client.connect("f1", null, null)).isZero();

                commands.stream().filter(line -> line.contains("-revoke ")).forEach(this::type);
                type(before.get(6));

                assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            }
            assertThat(signIn(hub, "f1")).isEqualTo(TlsClient.CLOSED);
            List<String> revocations =
                    commands.stream().filter(line -> line.contains(" revoke ")).toList();
            assertThat(revocations).hasSize(2);
            for (String command : revocations) {
                run(hub, command);
            }
            assertThat(hub.run("certificate", "list", "demo", "f1").out()).contains("REVOKED");
        }
    }

    private static boolean isOfHub(String line) {
        return line.startsWith("./muster");
    }

    @Test
    void commandsGoOverTlsToAHubThatSomebodyVouchesFor() throws Exception {
        try (PageHub hub = PageHub.start(folder, SETTINGS)) {
            run(hub, "./muster device create demo d1");
            String bundle = folder.resolve("data/ca/bundle.pem").toString();

            assertThat(hub.run("--ca", bundle, "device", "show", "demo", "d1").out())
                    .contains("INACTIVE");

            type(
                    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                            + " -keyout other.key -out other.pem -subj /CN=other");
            CommandRun stranger =
                    hub.run(
                            "--ca",
                            folder.resolve("other.pem").toString(),
                            "device",
                            "show",
                            "demo",
                            "d1");
            assertThat(stranger.exitCode()).isEqualTo(1);
            assertThat(stranger.err()).contains("not one that --ca vouches for");
        }
    }
}
