package io.muster.broker.net.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.ResumableX509ExtendedTrustManager;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Has somebody else judge the chains of clients, and asks again when a session is resumed, which
 * neither provider does by itself: who is no longer trusted must not come back with what was agreed
 * while he was. Shared.
 */
final class ClientTrust extends X509ExtendedTrustManager
        implements ResumableX509ExtendedTrustManager {

    /** Stands for how the client proved that it has the key, which happened another time. */
    private static final String RESUMED = "UNKNOWN";

    private final X509ExtendedTrustManager judge;
    private final TlsProvider provider;

    /**
     * Asks a judge.
     *
     * @param provider on whose behalf, not {@link TlsProvider#AUTO}
     */
    ClientTrust(X509ExtendedTrustManager judge, TlsProvider provider) {
        this.judge = judge;
        this.provider = provider;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            judge.checkClientTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw provider == TlsProvider.OPENSSL ? rejected(e) : e;
        }
    }

    /**
     * So that the client is told that its certificate is bad: what OpenSSL finds no reason in, it
     * tells as an error of the server.
     */
    private static CertificateException rejected(CertificateException refusal) {
        boolean hasReason =
                refusal instanceof CertificateExpiredException
                        || refusal instanceof CertificateNotYetValidException
                        || refusal instanceof CertificateRevokedException
                        || (refusal.getCause() instanceof CertPathValidatorException path
                                && path.getReason() != BasicReason.UNSPECIFIED);
        return hasReason
                ? refusal
                : new OpenSslCertificateException(
                        refusal.getMessage(),
                        refusal,
                        CertificateVerifier.X509_V_ERR_CERT_REJECTED);
    }

    /** The engine has no handshake any more of which a judge could ask. */
    @Override
    public void resumeClientTrusted(X509Certificate[] chain, SSLEngine engine)
            throws CertificateException {
        judge.checkClientTrusted(chain, RESUMED);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        judge.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judge.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw notOfServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw notOfServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw notOfServers();
    }

    @Override
    public void resumeServerTrusted(X509Certificate[] chain, SSLEngine engine)
            throws CertificateException {
        throw notOfServers();
    }

    private static CertificateException notOfServers() {
        return new CertificateException("only certificates of clients are judged here");
    }
}
