package io.muster.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.tls.Certificates;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics page of a whole hub and the page that documents it tell of the same metrics. */
class MetricsPageTest {

    private static final Pattern TYPE_LINE = Pattern.compile("(?m)^# TYPE (\\S+) \\w+$");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(\\w+)`");

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricIsDocumentedAndEveryDocumentedOneOfOursIsThere(@TempDir Path folder)
            throws Exception {
        Set<String> shown;
        try (RunningHub running = RunningHub.start(withTls(folder))) {
            MqttClient device = running.connectDevice("demo-device", running.demo().deviceSecret());
            device.publish("demo/demo-device/telemetry", new byte[] {1}, 1, false);
            assertThatThrownBy(() -> running.connectDevice("demo-device", "not-the-secret"))
                    .isInstanceOf(MqttException.class);
            certificates(running);
            // These four appear with the first one.
            showStrange(running.hub().mqttAddresses().get("mtls"));
            speakNoTls(running.hub().mqttAddresses().get("tls"));
            device.publish("/sys/demo/demo-device/thing/tag/query", new byte[] {1}, 1, false);
            running.operator()
                    .post(
                            "/api/v1/products/demo/devices/demo-device/raw",
                            "application/octet-stream",
                            "x");
            shown = names(TYPE_LINE, running.operator().withoutToken().get("/metrics").text());
            RunningHub.disconnect(device);
        }

        Set<String> documented = names(DOCUMENTED, documentation());

        assertThat(documented).containsAll(shown);
        // Those of the JVM depend on its garbage collector and its system.
        Set<String> ours = new TreeSet<>(documented);
        ours.removeIf(name -> !name.startsWith("muster_"));
        assertThat(shown).containsAll(ours);
    }

    /** With the list of an authority that nobody knows the client of. */
    private static HubConfig withTls(Path folder) throws IOException {
        HubConfig listening = withListeners(folder);
        Authority authority = new Authority("acme");
        Path list = Files.write(folder.resolve("acme.crl"), authority.crl(1, Duration.ofHours(1)));
        TrustConfig.External acme =
                new TrustConfig.External(
                        "acme",
                        CaSource.of(
                                TestPki.write(folder.resolve("acme.pem"), authority.certificate())),
                        true,
                        List.of(list.toString()),
                        false,
                        List.of(),
                        FreshnessPolicy.STRICT,
                        TrustConfig.Binding.REQUIRED);
        return RunningHub.withCertificates(
                listening,
                listening
                        .certificates()
                        .with(AuthorityConfig.DEFAULT)
                        .with(TrustConfig.NONE.with(List.of(acme))));
    }

    /** Counted are those that are issued, refused, shown and revoked. */
    private static void certificates(RunningHub running) throws IOException {
        KeyPair keys = TestPki.ec();
        JsonNode issued = ask(running, "", Map.of("csr", TestPki.csr(keys)));
        assertThat(ask(running, "", Map.of("csr", TestPki.csr(keys))).path("code").asText())
                .isEqualTo("KEY_REUSED");
        try (TlsClient client =
                new TlsClient(
                        Objects.requireNonNull(running.hub().mqttAddresses().get("mtls")),
                        TestPki.context(
                                keys, TestPki.certificate(issued.path("certificate").asText())))) {
            // It is looked at, whoever is let in here.
            assertThat(client.connect("certified", null, null)).isNotEqualTo(TlsClient.CLOSED);
        }
        String revoke = "/" + issued.path("serial").asText() + "/revoke";
        assertThat(ask(running, revoke, Map.of()).path("status").asText()).isEqualTo("REVOKED");
    }

    private static JsonNode ask(RunningHub running, String path, Map<String, String> body)
            throws IOException {
        return running.operator()
                .post(
                        "/api/v1/products/demo/devices/demo-device/certificates" + path,
                        new ObjectMapper().writeValueAsString(body))
                .json();
    }

    private static void showStrange(@Nullable InetSocketAddress address) {
        try (TlsClient client =
                new TlsClient(
                        Objects.requireNonNull(address),
                        new Authority("stranger")
                                .issue(TestPki.Wanted.of("CN=stranger"))
                                .context())) {
            assertThat(client.connect("stranger", null, null)).isEqualTo(TlsClient.CLOSED);
        }
    }

    private static HubConfig withListeners(Path folder) {
        HubConfig usual = RunningHub.config(folder.resolve("data"));
        HubConfig.Tls.CertificateFiles files =
                new HubConfig.Tls.CertificateFiles(
                        folder.resolve("server.pem"), folder.resolve("server.key"));
        Certificates.server(Certificates.ec(), "localhost", Instant.now().plus(Duration.ofDays(1)))
                .write(files.certificate(), files.key());
        return RunningHub.withTls(
                usual,
                new HubConfig.Tls(
                        usual.tls().provider(),
                        List.of(files),
                        Optional.empty(),
                        usual.tls().handshakeTimeout(),
                        usual.tls().handshakesMax(),
                        usual.tls().reloadInterval()),
                new ListenerConfig(
                        "tls",
                        "127.0.0.1",
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(TlsMode.SERVER)),
                RunningHub.listener("mtls", TlsMode.MUTUAL));
    }

    private static void speakNoTls(@Nullable InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("hello hello\n".getBytes(US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isNotNull();
        } catch (SocketException reset) {
            // Closed without having read all.
        }
    }

    private static String documentation() throws IOException {
        return Files.readString(Path.of("..", "docs", "metrics.md"));
    }
}
