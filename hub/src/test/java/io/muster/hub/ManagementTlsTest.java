package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.hub.config.HubConfig;
import io.muster.hub.tls.Certificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The management API over TLS, with the operator's own files, which change while it runs. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManagementTlsTest {

    private static final Duration HANDSHAKE = Duration.ofMillis(500);

    private static final Certificates.Pair LOCALHOST = server("localhost");
    private static final Certificates.Pair OTHER = server("other.example");
    private static final Certificates.Pair NEXT = server("localhost");

    private static Path folder;
    private static RunningHub running;

    private static Certificates.Pair server(String host) {
        return Certificates.server(Certificates.ec(), host, Instant.now().plus(Duration.ofDays(2)));
    }

    private static Path file(String name) {
        return folder.resolve(name);
    }

    @BeforeAll
    static void start(@TempDir Path files) {
        folder = files;
        LOCALHOST.write(file("one.pem"), file("one.key"));
        OTHER.write(file("two.pem"), file("two.key"));
        HubConfig usual = RunningHub.config(folder.resolve("data"));
        HubConfig.Tls tls =
                new HubConfig.Tls(
                        usual.tls().provider(),
                        List.of(
                                new HubConfig.Tls.CertificateFiles(
                                        file("one.pem"), file("one.key")),
                                new HubConfig.Tls.CertificateFiles(
                                        file("two.pem"), file("two.key"))),
                        Optional.empty(),
                        HANDSHAKE,
                        usual.tls().handshakesMax(),
                        Duration.ofMillis(100));
        running =
                RunningHub.start(
                        RunningHub.withManagementTls(
                                RunningHub.withTls(usual, tls),
                                new HubConfig.ManagementTls(true, "127.0.0.1", 0)));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    private static InetSocketAddress address() {
        return running.hub().managementTlsAddress().orElseThrow();
    }

    @Test
    @Order(1)
    void answersTheSameAsWithoutTls() throws Exception {
        try (SSLSocket socket = connect("localhost", "TLSv1.3", "TLSv1.2")) {
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(get(socket, "/api/v1/products", running.token()))
                    .contains("HTTP/1.1 200")
                    .contains("\"demo\"");
        }
        try (SSLSocket socket = connect("localhost", "TLSv1.2")) {
            assertThat(get(socket, "/api/v1/products", "wrong")).contains("HTTP/1.1 401");
        }
        assertThat(running.operator().get("/api/v1/products").status()).isEqualTo(200);
    }

    @Test
    @Order(2)
    void speaksNothingOlderThanTls12AndNoWeakSuite() throws Exception {
        assertThatThrownBy(() -> connect("localhost", "TLSv1.1")).isInstanceOf(Exception.class);
        try (SSLSocket socket = open("localhost", "TLSv1.2")) {
            socket.setEnabledCipherSuites(
                    new String[] {
                        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
                    });
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }

    @Test
    @Order(3)
    void showsTheCertificateOfTheHostThatIsAskedFor() throws Exception {
        try (SSLSocket socket = connect("other.example", "TLSv1.3")) {
            assertThat(shown(socket)).isEqualTo(OTHER.certificate());
        }
        try (SSLSocket socket = connect("unknown.example", "TLSv1.3")) {
            assertThat(shown(socket)).isEqualTo(LOCALHOST.certificate());
        }
    }

    @Test
    @Order(4)
    void closesWhoIsNotDoneInTimeThoughHeSaysSomethingNowAndThen() throws Exception {
        try (Socket slow = new Socket(address().getAddress(), address().getPort())) {
            byte[] helloOfHundredBytes = {0x16, 3, 1, 0, 100};
            slow.getOutputStream().write(helloOfHundredBytes);
            long began = System.nanoTime();
            assertThat(isEndedWhileItTrickles(slow)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    @Order(5)
    void closesWhoComesWhileTooManyHandshakesAreUnderWay() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                silent.add(new Socket(address().getAddress(), address().getPort()));
            }
            int closed = 0;
            for (Socket each : silent.subList(140, 200)) {
                each.setSoTimeout(400);
                closed += isClosed(each) ? 1 : 0;
            }
            assertThat(closed).isPositive();
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
        await().atMost(Duration.ofSeconds(10))
                .ignoreExceptions()
                .until(
                        () -> {
                            try (SSLSocket socket = connect("localhost", "TLSv1.3")) {
                                return get(socket, "/health/live", "").contains("200");
                            }
                        });
    }

    @Test
    @Order(6)
    void showsWhatIsNewToNewConnectionsAndKeepsThoseThatAreThere() throws Exception {
        try (SSLSocket before = connect("localhost", "TLSv1.3")) {
            NEXT.write(file("one.pem"), file("one.key"));

            await().atMost(Duration.ofSeconds(10))
                    .until(
                            () -> {
                                try (SSLSocket socket = connect("localhost", "TLSv1.3")) {
                                    return shown(socket).equals(NEXT.certificate());
                                }
                            });
            assertThat(get(before, "/health/live", "")).contains("HTTP/1.1 200");
            assertThat(shown(before)).isEqualTo(LOCALHOST.certificate());
        }
    }

    private static X509Certificate shown(SSLSocket socket) throws IOException {
        Certificate[] chain = socket.getSession().getPeerCertificates();
        return (X509Certificate) chain[0];
    }

    private static SSLSocket connect(String host, String... versions) throws Exception {
        SSLSocket socket = open(host, versions);
        socket.startHandshake();
        return socket;
    }

    private static SSLSocket open(String host, String... versions) throws Exception {
        SSLSocket socket =
                (SSLSocket)
                        trusting()
                                .getSocketFactory()
                                .createSocket(address().getAddress(), address().getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(versions);
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static SSLContext trusting() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("one", LOCALHOST.certificate());
        trusted.setCertificateEntry("two", OTHER.certificate());
        trusted.setCertificateEntry("next", NEXT.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static String get(Socket socket, String path, String token) throws IOException {
        String request =
                "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                        .formatted(path, token);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        return String.join("\n", reader.lines().toList());
    }

    /** Ten bytes a second, one each time that nothing has come. */
    private static boolean isEndedWhileItTrickles(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        for (int i = 0; i < 60; i++) {
            try {
                socket.getOutputStream().write(0);
                return socket.getInputStream().read() < 0;
            } catch (SocketTimeoutException open) {
                // The next byte.
            } catch (IOException reset) {
                return true;
            }
        }
        return false;
    }

    private static boolean readUntilEnd(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return !(reset instanceof SocketTimeoutException);
        }
    }

    private static boolean isClosed(Socket socket) {
        return readUntilEnd(socket);
    }
}
