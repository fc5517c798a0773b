package io.muster.hub.api.tls;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.broker.net.tls.TlsSettings;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The way to the management API over TLS. Versions and suites are those of the listeners of MQTT;
 * the code is Java's own. A client is asked for a certificate and may leave it out; one that is not
 * good ends its handshake.
 *
 * <p>Renewed by one thread at a time, while others make connections.
 */
public final class TlsConnector {

    private static final int SESSION_SECONDS = 3600;
    private static final int SESSIONS_MAX = 2_000;

    private final ManagementTls settings;
    private final SslContextFactory.Server contexts = new SslContextFactory.Server();

    /**
     * Makes what connections begin with.
     *
     * @throws IllegalArgumentException if there is no certificate, or one cannot be used
     */
    public TlsConnector(ManagementTls settings) {
        this.settings = settings;
        use(contexts, present());
        contexts.setIncludeProtocols(TlsSettings.VERSIONS.toArray(String[]::new));
        contexts.setExcludeCipherSuites();
        contexts.setIncludeCipherSuites(TlsSettings.SUITES.toArray(String[]::new));
        contexts.setRenegotiationAllowed(false);
        // The key manager chooses by itself; there is no key store to be looked into.
        contexts.setSniRequired(false);
    }

    /**
     * What connections begin with.
     *
     * @param asksForCertificates whether clients are asked for one: not if none would be good, as a
     *     browser would ask its user for any
     */
    private record Present(SSLContext context, boolean asksForCertificates) {}

    private static void use(SslContextFactory.Server contexts, Present present) {
        contexts.setSslContext(present.context());
        contexts.setWantClientAuth(present.asksForCertificates());
    }

    private Present present() {
        List<ServerCertificate> certificates = settings.certificates().get();
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("management.tls needs a certificate of the server");
        }
        X509TrustManager[] trust =
                settings.clients().stream()
                        .map(clients -> clients.trust().get())
                        .toArray(X509TrustManager[]::new);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new ServerKeys(certificates)}, trust, new SecureRandom());
            context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS);
            context.getServerSessionContext().setSessionCacheSize(SESSIONS_MAX);
            boolean anyIsGood =
                    Arrays.stream(trust).anyMatch(each -> each.getAcceptedIssuers().length > 0);
            return new Present(context, anyIsGood);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Asks for certificates again. Connections that come from now on begin with those and resume no
     * session of before; those that are there go on.
     *
     * @throws IllegalArgumentException if they cannot be used; all is as it was then
     */
    public void renew() {
        Present next = present();
        try {
            contexts.reload(factory -> use(contexts, next));
        } catch (Exception e) {
            throw new IllegalArgumentException("TLS cannot be renewed: " + e.getMessage(), e);
        }
    }

    /** The connector, to which the caller adds an address and limits. */
    public ServerConnector connector(Server server, HttpConfiguration http) {
        HttpConfiguration secure = new HttpConfiguration(http);
        secure.addCustomizer(new SecureRequestCustomizer(false));
        // No thread that only accepts, and one that selects: operators are few.
        return new ServerConnector(
                server,
                null,
                null,
                null,
                0,
                1,
                new HandshakeLimits(contexts, settings.handshakeTimeout()),
                new HttpConnectionFactory(secure));
    }
}
