package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.TrustConfig;
import java.io.IOException;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A hub where devices sign in with certificates of its own authority, alone or with their secrets,
 * on the listeners {@code tls} and {@code mtls}; and such devices, of the product {@code demo}.
 */
public final class CertifiedHub implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final RunningHub running;

    private CertifiedHub(RunningHub running) {
        this.running = running;
    }

    /** A device with a certificate. */
    public record Certified(
            String key, String secret, String serial, X509Certificate certificate, KeyPair keys) {

        /** Its side of TLS. */
        public SSLContext context() {
            return TestPki.context(keys, certificate);
        }

        /** Where the management API has it. */
        public String path() {
            return devicePath(key);
        }

        /** What it signs in with by its secret. */
        public SignedConnect signed() {
            return CertifiedHub.signed(new DeviceId("demo", key), secret);
        }
    }

    /** With its defaults. */
    public static CertifiedHub start(Path folder) {
        return start(config(folder, TlsProvider.AUTO, TrustConfig.NONE));
    }

    /** With another configuration. */
    public static CertifiedHub start(HubConfig config) {
        return new CertifiedHub(RunningHub.start(config));
    }

    /** With an authority of its own, and these besides. */
    public static HubConfig config(Path folder, TlsProvider provider, TrustConfig trust) {
        HubConfig usual = RunningHub.config(folder);
        HubConfig certified =
                RunningHub.withCertificates(
                        usual, usual.certificates().with(AuthorityConfig.DEFAULT).with(trust));
        HubConfig.Tls none = HubConfig.Tls.NONE;
        return RunningHub.withTls(
                RunningHub.withSignInByCertificate(certified),
                new HubConfig.Tls(
                        provider,
                        none.certificates(),
                        none.clientCaFile(),
                        none.handshakeTimeout(),
                        none.handshakesMax(),
                        none.reloadInterval()),
                RunningHub.listener("tls", TlsMode.SERVER),
                RunningHub.listener("mtls", TlsMode.MUTUAL));
    }

    /** The hub itself. */
    public RunningHub running() {
        return running;
    }

    /** Where a listener is. */
    public InetSocketAddress address(String listener) {
        return Objects.requireNonNull(running.hub().mqttAddresses().get(listener));
    }

    /** An operator asks, and is not refused. */
    public JsonNode ask(String method, String path, Map<String, ?> body) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:"
                                                    + running.hub().managementAddress().getPort()
                                                    + path))
                            .header("Authorization", "Bearer " + running.token())
                            .header("Content-Type", "application/json")
                            .method(method, BodyPublishers.ofString(JSON.writeValueAsString(body)))
                            .build();
            HttpResponse<String> answer = HTTP.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
            return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where the management API has a device of the product {@code demo}. */
    public static String devicePath(String key) {
        return "/api/v1/products/demo/devices/" + key;
    }

    /** A new device with a certificate. */
    public Certified certified() {
        return certified(TestPki.ec());
    }

    /** The same with this key. */
    public Certified certified(KeyPair keys) {
        String key = "c" + NAMES.incrementAndGet();
        return certified(key, running.createDevice(key), keys);
    }

    /** Another certificate of the same device. */
    public Certified again(Certified device) {
        return certified(device.key(), device.secret(), TestPki.ec());
    }

    private Certified certified(String key, String secret, KeyPair keys) {
        JsonNode issued =
                ask("POST", devicePath(key) + "/certificates", Map.of("csr", TestPki.csr(keys)));
        return new Certified(
                key,
                secret,
                issued.path("serial").asText(),
                TestPki.certificate(issued.path("certificate").asText()),
                keys);
    }

    /** An operator revokes its certificate. */
    public JsonNode revoke(Certified device) {
        return revoke(device, Map.of());
    }

    /** The same with fields of the request. */
    public JsonNode revoke(Certified device, Map<String, ?> body) {
        return ask("POST", device.path() + "/certificates/" + device.serial() + "/revoke", body);
    }

    /** What a device signs in with by its secret. */
    public static SignedConnect signed(DeviceId device, String secret) {
        return DeviceSignature.sign(device, Secret.of(secret), SignMethod.SHA256, "1700000000000");
    }

    /** A client of the listener for mutual TLS, not signed in. */
    public TlsClient client(SSLContext context, String... versions) {
        return new TlsClient(address("mtls"), context, versions);
    }

    @Override
    public void close() {
        running.close();
    }
}
