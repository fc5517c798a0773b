package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.hub.config.HubConfig;
import io.muster.hub.tls.Certificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A hub with listeners over TLS, and files that change while it runs. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HubTlsTest {

    private static final Certificates.Pair CLIENTS = Certificates.authority("clients");

    private static Path folder;
    private static RunningHub running;
    private static Certificates.Pair present = server();

    private static Certificates.Pair server() {
        return Certificates.server(
                Certificates.ec(), "localhost", Instant.now().plus(Duration.ofDays(2)));
    }

    private static Path file(String name) {
        return folder.resolve(name);
    }

    @BeforeAll
    static void start(@TempDir Path files) {
        folder = files;
        present.write(file("server.pem"), file("server.key"));
        Certificates.write(file("clients.pem"), CLIENTS.certificate());
        running = RunningHub.start(config());
    }

    private static HubConfig config() {
        HubConfig usual = RunningHub.config(folder.resolve("data"));
        HubConfig.Tls tls =
                new HubConfig.Tls(
                        usual.tls().provider(),
                        List.of(
                                new HubConfig.Tls.CertificateFiles(
                                        file("server.pem"), file("server.key"))),
                        Optional.of(file("clients.pem")),
                        usual.tls().handshakeTimeout(),
                        usual.tls().handshakesMax(),
                        Duration.ofMillis(100));
        return RunningHub.withTls(
                usual, tls, listener("tls", TlsMode.SERVER), listener("mtls", TlsMode.MUTUAL));
    }

    private static ListenerConfig listener(String name, TlsMode mode) {
        return new ListenerConfig(
                name, "127.0.0.1", 0, Optional.empty(), Optional.empty(), Optional.of(mode));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static int port(String listener) {
        return Objects.requireNonNull(running.hub().mqttAddresses().get(listener)).getPort();
    }

    /** A client's side of TLS that trusts the server of now, and shows this, or nothing. */
    private static SSLContext context(Certificates.@Nullable Pair shown) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", present.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (shown != null) {
            own.setKeyEntry(
                    "own",
                    shown.keys().getPrivate(),
                    new char[0],
                    new Certificate[] {shown.certificate()});
        }
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static void signIn(String listener, SSLContext context) throws MqttException {
        FirstStart first = running.demo();
        try (MqttClient client = new MqttClient("ssl://localhost:" + port(listener), "app", null)) {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setSocketFactory(context.getSocketFactory());
            options.setUserName(first.applicationUsername());
            options.setPassword(first.applicationPassword().toCharArray());
            client.connect(options);
            client.publish("demo/demo-device/hello", new byte[10], 1, false);
            client.disconnect();
        }
    }

    private static Certificate shown() throws Exception {
        TrustManager anybody =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {anybody}, null);
        try (Socket socket = context.getSocketFactory().createSocket("localhost", port("tls"))) {
            SSLSocket tls = (SSLSocket) socket;
            tls.startHandshake();
            return tls.getSession().getPeerCertificates()[0];
        }
    }

    private static String metrics() {
        return running.operator().withoutToken().get("/metrics").text();
    }

    @Test
    @Order(1)
    void letsAnApplicationInOverTls() throws Exception {
        signIn("tls", context(null));
    }

    @Test
    @Order(2)
    void demandsACertificateOfAnAuthorityThatIsTrusted() throws Exception {
        signIn("mtls", context(Certificates.issued(CLIENTS, "clients", "device")));
        assertThatThrownBy(() -> signIn("mtls", context(null))).isInstanceOf(MqttException.class);
        Certificates.Pair others = Certificates.authority("others");
        assertThatThrownBy(
                        () ->
                                signIn(
                                        "mtls",
                                        context(Certificates.issued(others, "others", "device"))))
                .isInstanceOf(MqttException.class);
    }

    @Test
    @Order(3)
    void keepsWhatIsInForceIfWhatIsNewIsBad() throws Exception {
        Files.writeString(file("server.key"), "nonsense");
        await().until(() -> metrics().contains("muster_tls_files_stale 1.0"));
        assertThat(metrics()).contains("muster_tls_reloads_total{outcome=\"refused\"} 1.0");
        assertThat(shown()).isEqualTo(present.certificate());
        signIn("tls", context(null));
    }

    @Test
    @Order(4)
    void takesChangedFilesOverWhileItRuns() throws Exception {
        Certificates.Pair next = server();
        next.write(file("server.pem"), file("server.key"));
        await().until(() -> shown().equals(next.certificate()));
        assertThat(metrics())
                .contains("muster_tls_files_stale 0.0")
                .contains("muster_tls_certificate_expiry_days{certificate=\"localhost\"} 1.9");
        present = next;
        signIn("tls", context(null));
    }

    /** Removed, too: whoever only adds never gets rid of an authority. */
    @Test
    @Order(5)
    void takesAChangedAuthorityOver() throws Exception {
        Certificates.Pair others = Certificates.authority("others");
        SSLContext old = context(Certificates.issued(CLIENTS, "clients", "device"));
        signIn("mtls", old);
        Certificates.write(file("clients.pem"), others.certificate());
        SSLContext fresh = context(Certificates.issued(others, "others", "device"));
        await().ignoreExceptions().untilAsserted(() -> signIn("mtls", fresh));
        assertThatThrownBy(() -> signIn("mtls", old)).isInstanceOf(MqttException.class);
    }

    @Test
    @Order(6)
    void doesNotStartWithFilesThatCannotBeUsed() throws IOException {
        Files.delete(file("server.key"));
        HubConfig bad = config();
        running.close();
        assertThatThrownBy(() -> Hub.start(bad))
                .isInstanceOf(HubStartException.class)
                .hasMessageContaining("TLS")
                .hasMessageContaining("tls.certificates.0.key-file = " + file("server.key"))
                .hasMessageContaining("there is no such file")
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }
}
