package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.broker.net.tls.TlsMode;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.sdk.Packets;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the EnOS SDK for Java can speak: TLS 1.2 with suites of its own, those of RSA unless the
 * program says ECC. The certificates of the server are those that a hub makes by default.
 */
class SdkTlsTest {

    /** The lists of the SDK, of which it offers one. */
    private enum Suites {
        RSA(
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
        ECC("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");

        private final String names;

        Suites(String... names) {
            this.names = String.join(",", names);
        }

        String[] names() {
            return names.split(",", -1);
        }

        KeyPair key() {
            return this == RSA ? Csr.rsa(2048) : TestPki.ec();
        }
    }

    private static RunningHub running;

    @BeforeAll
    static void start(@TempDir Path folder) {
        HubConfig usual = RunningHub.config(folder);
        running =
                RunningHub.start(
                        RunningHub.withTls(
                                RunningHub.withCertificates(
                                        usual, usual.certificates().with(AuthorityConfig.DEFAULT)),
                                HubConfig.Tls.NONE,
                                RunningHub.listener("mtls", TlsMode.MUTUAL)));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @ParameterizedTest
    @EnumSource
    void itsSuitesAgreeWithTheServersCertificateAndItsSecretSignsIn(Suites suites)
            throws Exception {
        String key = suites.name().toLowerCase(Locale.ROOT);
        String secret = running.createDevice(key);
        KeyPair keys = suites.key();
        String issued =
                running.operator()
                        .post(
                                "/api/v1/products/demo/devices/" + key + "/certificates",
                                "{\"csr\":\"%s\"}"
                                        .formatted(Csr.of(keys).pem().replace("\n", "\\n")))
                        .json()
                        .path("certificate")
                        .asText();
        SSLContext context = TestPki.context(keys, TestPki.certificate(issued));
        try (SSLSocket socket = connect(context, suites)) {
            socket.startHandshake();

            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
            assertThat(socket.getSession().getCipherSuite()).isIn((Object[]) suites.names());
            assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
            assertThat(signIn(socket, key, secret)).isZero();
        }
    }

    private static SSLSocket connect(SSLContext context, Suites suites) throws Exception {
        InetSocketAddress address =
                Objects.requireNonNull(running.hub().mqttAddresses().get("mtls"));
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", address.getPort());
        socket.setSoTimeout(10_000);
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.setEnabledCipherSuites(suites.names());
        return socket;
    }

    /** The return code of the CONNACK. */
    private static int signIn(SSLSocket socket, String key, String secret) throws Exception {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", key),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        socket.getOutputStream()
                .write(
                        Packets.connect(
                                Packets.CLEAN,
                                60,
                                signed.clientId(),
                                signed.username(),
                                signed.password()));
        return socket.getInputStream().readNBytes(4)[3];
    }
}
