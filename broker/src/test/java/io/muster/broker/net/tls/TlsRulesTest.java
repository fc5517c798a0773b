package io.muster.broker.net.tls;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is agreed on, and what is not (RFC 8996, RFC 9325). */
class TlsRulesTest {

    /** Alerts (RFC 5246, section 7.2.2). */
    private static final int PROTOCOL_VERSION = 70;

    private static final int HANDSHAKE_FAILURE = 40;

    private static final Pki.Issued RSA = TlsStage.SERVERS.server(Pki.rsaKey(), "hub.example");
    private static final Pki.Issued OTHER =
            TlsStage.SERVERS.server(Pki.ecKey(), "other.example", "*.wild.example");
    private static final TlsStage OPENSSL = stage(TlsProvider.OPENSSL);
    private static final TlsStage JDK = stage(TlsProvider.JDK);

    private static TlsStage stage(TlsProvider provider) {
        return new TlsStage(
                settings -> {
                    settings.provider = provider;
                    settings.certificates =
                            List.of(TlsStage.SERVER.asServer(), RSA.asServer(), OTHER.asServer());
                });
    }

    private static TlsStage on(TlsProvider provider) {
        return provider == TlsProvider.JDK ? JDK : OPENSSL;
    }

    @AfterAll
    static void close() {
        OPENSSL.close();
        JDK.close();
    }

    /** A client whose newest version is this, by bytes, since Java does not speak it any more. */
    @ParameterizedTest
    @CsvSource({"OPENSSL,0301", "OPENSSL,0302", "JDK,0301", "JDK,0302"})
    void refusesVersionsBefore12(TlsProvider provider, String version) throws IOException {
        assertThat(alertFor(provider, version, "C013C014C009C00A")).isEqualTo(PROTOCOL_VERSION);
    }

    /** Likewise one that can only have its key encrypted with that of the certificate. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void refusesSuitesWithoutForwardSecrecy(TlsProvider provider) throws IOException {
        assertThat(alertFor(provider, "0303", "009C009D002F0035")).isEqualTo(HANDSHAKE_FAILURE);
    }

    private static int alertFor(TlsProvider provider, String version, String suites)
            throws IOException {
        String hello =
                version
                        + "00".repeat(32)
                        + "00" // no session
                        + "%04X".formatted(suites.length() / 2)
                        + suites
                        + "0100"
                        + "0012" // P-256, uncompressed points
                        + "000A000400020017"
                        + "000B00020100"
                        + "00170000";
        String message = "010000%02X".formatted(hello.length() / 2) + hello;
        byte[] record =
                HexFormat.of().parseHex("160301%04X".formatted(message.length() / 2) + message);
        try (Socket socket =
                new Socket(
                        InetAddress.getLoopbackAddress(), on(provider).address("tls").getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(record);
            byte[] answer = socket.getInputStream().readNBytes(7);
            assertThat(answer[0]).as("an alert").isEqualTo((byte) 21);
            assertThat(answer[5]).as("fatal").isEqualTo((byte) 2);
            return answer[6];
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPENSSL,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        "OPENSSL,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "OPENSSL,TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "JDK,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        "JDK,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "JDK,TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
    })
    void refusesSuitesThatAreWeak(TlsProvider provider, String suite) throws IOException {
        TlsStage stage = on(provider);
        double before = stage.handshakes("not_agreed");
        try (SSLSocket socket = stage.socket("tls", TlsStage.stranger(), "TLSv1.2")) {
            assertThat(socket.getSupportedCipherSuites()).contains(suite);
            socket.setEnabledCipherSuites(new String[] {suite});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
        await().until(() -> stage.handshakes("not_agreed") > before);
    }

    @ParameterizedTest
    @CsvSource({
        "OPENSSL,TLSv1.3,TLS_AES_128_GCM_SHA256",
        "OPENSSL,TLSv1.3,TLS_CHACHA20_POLY1305_SHA256",
        "OPENSSL,TLSv1.2,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "OPENSSL,TLSv1.2,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "JDK,TLSv1.3,TLS_AES_256_GCM_SHA384",
        "JDK,TLSv1.2,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "JDK,TLSv1.2,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    })
    void agreesOnWhatIsGoodWithACertificateThatSuitsTheClient(
            TlsProvider provider, String version, String suite) throws IOException {
        try (SSLSocket socket = on(provider).socket("tls", TlsStage.stranger(), version)) {
            socket.setEnabledCipherSuites(new String[] {suite});
            askFor("hub.example", socket);
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo(version);
            assertThat(socket.getSession().getCipherSuite()).isEqualTo(suite);
            assertThat(socket.getSession().getPeerCertificates())
                    .containsExactly(
                            (suite.contains("RSA_") && !suite.contains("ECDSA")
                                            ? RSA
                                            : TlsStage.SERVER)
                                    .certificate());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPENSSL,other.example",
        "OPENSSL,a.wild.example",
        "OPENSSL,OTHER.example",
        "JDK,other.example",
        "JDK,a.wild.example"
    })
    void showsTheCertificateOfTheHostThatIsAskedFor(TlsProvider provider, String host)
            throws IOException {
        assertThat(shownFor(provider, host)).isEqualTo(OTHER.certificate());
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL,nobody.example", "OPENSSL,a.b.wild.example", "JDK,nobody.example"})
    void showsTheFirstCertificateForAHostThatItDoesNotKnow(TlsProvider provider, String host)
            throws IOException {
        assertThat(shownFor(provider, host)).isEqualTo(TlsStage.SERVER.certificate());
    }

    private static Object shownFor(TlsProvider provider, String host) throws IOException {
        try (SSLSocket socket = on(provider).socket("tls", TlsStage.stranger())) {
            askFor(host, socket);
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    /** Java asks for no host of one label. */
    private static void askFor(String host, SSLSocket socket) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(parameters);
    }

    /** In 1.3 there is none, but new keys, which are good. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void refusesRenegotiation(TlsProvider provider) throws IOException {
        try (SSLSocket socket = on(provider).socket("tls", TlsStage.stranger(), "TLSv1.2")) {
            RawClient.over(socket).speaking(4).connect(connect(4, "again-" + provider));
            socket.startHandshake();
            InputStream in = socket.getInputStream();
            assertThatThrownBy(
                            () -> {
                                socket.getOutputStream().write(new byte[] {(byte) 0xC0, 0});
                                if (in.read() < 0) {
                                    throw new IOException("closed");
                                }
                            })
                    .isInstanceOf(IOException.class);
        }
    }

    /** Nothing of it reaches a log or an answer: it may be a CONNECT with a password. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void closesWhoDoesNotSpeakTls(TlsProvider provider) {
        TlsStage stage = on(provider);
        double before = stage.handshakes("not_tls");
        try (RawClient client = RawClient.to(stage.address("tls"))) {
            client.send(connect(4, "plain").bytes());
            await().until(() -> stage.handshakes("not_tls") > before);
        }
    }
}
