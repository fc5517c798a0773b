package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes with the JDK's TLS, over sockets. */
class ClientTrustTest {

    private static final KeyPair SERVER_KEY = TestCertificate.newKey();
    private static final KeyPair CLIENT_KEY = TestCertificate.newKey();

    /** What the TLS library looks at is judged by the time of the machine. */
    private final TestClock clock = new TestClock(TestAuthority.NOW);

    private final Hierarchy hierarchy = Hierarchy.of("Test", clock);
    private final TestAuthority servers = TestAuthority.root("CN=Servers");
    private final ConcurrentLinkedQueue<RefusalCause> refusals = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Freshness> acceptances = new ConcurrentLinkedQueue<>();
    private ClientTrust trust;
    private X509Certificate certificate;

    @BeforeEach
    void trust() throws Exception {
        TrustedIssuers issuers = TrustedIssuers.of(List.of(hierarchy.trusted(clock)));
        trust =
                new ClientTrust(
                        new ClientCertificateCheck(() -> issuers, FreshnessPolicy.STRICT, clock),
                        new CertificateListener() {
                            @Override
                            public void accepted(CertificateVerdict.Accepted acceptance) {
                                acceptances.add(acceptance.freshness());
                            }

                            @Override
                            public void refused(CertificateVerdict.Refused refusal) {
                                refusals.add(refusal.cause());
                            }
                        });
        certificate = hierarchy.issuing.client("CN=device", CLIENT_KEY.getPublic()).issue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientOfATrustedAuthorityIsLetIn(String version) throws Exception {
        assertThat(handshake(version)[0]).isEqualTo(certificate);
        assertThat(refusals).isEmpty();
        assertThat(acceptances).containsExactly(Freshness.FRESH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRevokedClientIsNotAndTheCauseIsTold(String version) {
        hierarchy.issuingRevocations.revoke(certificate.getSerialNumber());

        assertThatThrownBy(() -> handshake(version));
        assertThat(refusals).containsExactly(RefusalCause.REVOKED);
    }

    @Test
    void aClientWhoseSessionIsResumedIsJudgedAnew() throws Exception {
        X509Certificate[] chain = {certificate, hierarchy.issuing.certificate()};
        trust.checkClientTrusted(chain, "EC");
        clock.advance(Duration.ofHours(25));
        trust.checkResumed(chain);
        assertThat(acceptances).containsExactly(Freshness.FRESH, Freshness.GRACE);

        hierarchy.issuingRevocations.revoke(certificate.getSerialNumber());

        assertThatThrownBy(() -> trust.checkResumed(chain))
                .isInstanceOfSatisfying(
                        CertificateRefusedException.class,
                        e -> assertThat(e.refusal()).isEqualTo(RefusalCause.REVOKED));
        assertThat(refusals).containsExactly(RefusalCause.REVOKED);
    }

    @Test
    void noCertificateIsARefusalLikeOthers() {
        for (X509Certificate[] chain : new X509Certificate[][] {null, {}}) {
            assertThatThrownBy(() -> trust.checkClientTrusted(chain, "EC"))
                    .isInstanceOfSatisfying(
                            CertificateRefusedException.class,
                            e -> assertThat(e.refusal()).isEqualTo(RefusalCause.NO_CERTIFICATE));
        }
    }

    @Test
    void serversAreNotTrustedWhateverTheyPresent() {
        X509Certificate[] chain = {certificate};

        assertThatThrownBy(() -> trust.checkServerTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("servers are not trusted here");
    }

    @Test
    void clientsAreToldTheIssuingAuthoritiesAndNoRoots() {
        assertThat(trust.getAcceptedIssuers()).containsExactly(hierarchy.issuing.certificate());
    }

    /** What the server knows of its client after both have sent each other something. */
    private Certificate[] handshake(String version) throws Exception {
        SSLContext server =
                context(
                        keys(
                                SERVER_KEY.getPrivate(),
                                TestCertificate.bare(
                                                servers, "CN=localhost", SERVER_KEY.getPublic())
                                        .from(Instant.EPOCH)
                                        .issue()),
                        new TrustManager[] {trust});
        SSLContext client =
                context(
                        keys(CLIENT_KEY.getPrivate(), certificate, hierarchy.issuing.certificate()),
                        new TrustManager[] {new AnyServer()});
        try (SSLServerSocket listener =
                (SSLServerSocket)
                        server.getServerSocketFactory()
                                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setNeedClientAuth(true);
            CompletableFuture<Certificate[]> served =
                    CompletableFuture.supplyAsync(() -> serve(listener));
            try (SSLSocket socket =
                    (SSLSocket)
                            client.getSocketFactory()
                                    .createSocket(
                                            listener.getInetAddress(), listener.getLocalPort())) {
                socket.setSoTimeout(10_000);
                socket.setEnabledProtocols(new String[] {version});
                socket.getOutputStream().write(1);
                if (socket.getInputStream().read() != 2) {
                    throw new IOException("closed by the server");
                }
            }
            return served.get();
        }
    }

    private static Certificate[] serve(SSLServerSocket listener) {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
            socket.setSoTimeout(10_000);
            Certificate[] chain = {};
            if (socket.getInputStream().read() == 1) {
                chain = socket.getSession().getPeerCertificates();
                socket.getOutputStream().write(2);
            }
            return chain;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SSLContext context(KeyManager[] keys, TrustManager[] trusts)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trusts, null);
        return context;
    }

    private static KeyManager[] keys(PrivateKey key, X509Certificate... chain)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    /** A device of a test trusts whomever it meets. */
    private static final class AnyServer extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
