package io.muster.broker.net.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts what an authority issued, but for what was revoked since; counts what it is asked. */
final class Judge extends X509ExtendedTrustManager {

    private final X509ExtendedTrustManager path;
    private final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();

    /** Chains of sessions that are resumed, and of others. */
    final AtomicInteger resumed = new AtomicInteger();

    final AtomicInteger full = new AtomicInteger();

    Judge(X509ExtendedTrustManager path) {
        this.path = path;
    }

    void revoke(X509Certificate certificate) {
        revoked.add(certificate);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        full.incrementAndGet();
        path.checkClientTrusted(chain, authType, engine);
        refuseRevoked(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        resumed.incrementAndGet();
        path.checkClientTrusted(chain, authType);
        refuseRevoked(chain);
    }

    private void refuseRevoked(X509Certificate[] chain) throws CertificateException {
        if (revoked.contains(chain[0])) {
            throw new CertificateException("revoked");
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return path.getAcceptedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        throw new UnsupportedOperationException();
    }
}
