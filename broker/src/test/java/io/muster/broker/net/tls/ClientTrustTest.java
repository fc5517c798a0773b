package io.muster.broker.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

class ClientTrustTest {

    private static final X509Certificate[] CHAIN = {TlsStage.CLIENT.certificate()};

    /** Refuses everybody. */
    private record Refusing(CertificateException refusal) {

        private Throwable askedBy(TlsProvider provider) {
            ClientTrust trust = new ClientTrust(judge(), provider);
            SSLEngine engine = TlsStage.stranger().createSSLEngine();
            return catchThrowable(() -> trust.checkClientTrusted(CHAIN, "EC", engine));
        }

        private X509ExtendedTrustManager judge() {
            return new X509ExtendedTrustManager() {
                @Override
                public void checkClientTrusted(
                        X509Certificate[] chain, String type, SSLEngine engine)
                        throws CertificateException {
                    throw refusal;
                }

                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkClientTrusted(
                        X509Certificate[] chain, String type, Socket socket) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(
                        X509Certificate[] chain, String type, Socket socket) {}

                @Override
                public void checkServerTrusted(
                        X509Certificate[] chain, String type, SSLEngine engine) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return CHAIN;
                }
            };
        }
    }

    /** Otherwise the client is told of an internal error, as if the server were at fault. */
    @Test
    void saysToOpenSslThatACertificateIsBadWhereTheJudgeGivesNoReason() {
        OpenSsl.ensureAvailability();
        Refusing refusing = new Refusing(new CertificateException("not of ours"));
        assertThat(refusing.askedBy(TlsProvider.OPENSSL))
                .isInstanceOfSatisfying(
                        OpenSslCertificateException.class,
                        e ->
                                assertThat(e.errorCode())
                                        .isEqualTo(CertificateVerifier.X509_V_ERR_CERT_REJECTED))
                .hasMessage("not of ours")
                .hasCause(refusing.refusal());
        assertThat(refusing.askedBy(TlsProvider.JDK)).isSameAs(refusing.refusal());
    }

    @Test
    void leavesAReasonThatOpenSslUnderstands() {
        Refusing refusing = new Refusing(new CertificateExpiredException());
        assertThat(refusing.askedBy(TlsProvider.OPENSSL)).isSameAs(refusing.refusal());
    }

    @Test
    void judgesNoServer() {
        ClientTrust trust = new ClientTrust(TlsStage.CLIENTS.trust(), TlsProvider.JDK);
        assertThat(catchThrowable(() -> trust.checkServerTrusted(CHAIN, "EC")))
                .isInstanceOf(CertificateException.class);
        assertThat(trust.getAcceptedIssuers()).containsExactly(TlsStage.CLIENTS.certificate());
    }
}
