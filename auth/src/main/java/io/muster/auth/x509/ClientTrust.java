package io.muster.auth.x509;

import io.muster.auth.x509.path.CertificateRefusedException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients into TLS as {@link ClientCertificateCheck} says, which is also asked at CONNECT. It
 * trusts no servers. Shared; never blocks.
 *
 * <p>TLS libraries ask nobody when a session is resumed; a listener that resumes sessions calls
 * {@link #checkResumed} then.
 */
public final class ClientTrust extends X509ExtendedTrustManager {

    private final ClientCertificateCheck check;
    private final CertificateListener listener;

    /** Tells of each certificate that it judges. */
    public ClientTrust(ClientCertificateCheck check, CertificateListener listener) {
        this.check = check;
        this.listener = listener;
    }

    /**
     * Judges a client whose session is resumed, by the certificates of that session.
     *
     * @throws CertificateException with the cause, if it is not to be let in any more
     */
    public void checkResumed(X509Certificate @Nullable [] chain) throws CertificateException {
        check(chain);
    }

    private void check(X509Certificate @Nullable [] chain) throws CertificateException {
        try {
            listener.accepted(check.accepted(chain == null ? List.of() : List.of(chain)));
        } catch (CertificateRefusedException e) {
            listener.refused(
                    new CertificateVerdict.Refused(e.refusal(), String.valueOf(e.getMessage())));
            throw e;
        }
    }

    @Override
    public void checkClientTrusted(
            X509Certificate @Nullable [] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(
            X509Certificate @Nullable [] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate @Nullable [] chain, String authType)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(
            X509Certificate @Nullable [] chain, String authType, Socket socket)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(
            X509Certificate @Nullable [] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate @Nullable [] chain, String authType)
            throws CertificateException {
        throw noServers();
    }

    private static CertificateException noServers() {
        return new CertificateException("servers are not trusted here");
    }

    /** The issuing authorities, and no roots: whose certificates a client may present. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return check.trusted().certificates().toArray(new X509Certificate[0]);
    }
}
