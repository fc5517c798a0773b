package io.muster.hub.api.tls;

import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.net.tls.ServerCertificate;
import io.muster.hub.api.http.PeerCertificates;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the management API shows over TLS, and whom it trusts.
 *
 * @param bind host name or address
 * @param port 0 to 65535; 0 lets the system choose
 * @param certificates of the server, at least one; asked at the start and at each renewal
 * @param clients who judges the certificates of clients; empty if none are asked for
 * @param handshakeTimeout how long a client may take until the handshake is over
 */
public record ManagementTls(
        String bind,
        int port,
        Supplier<List<ServerCertificate>> certificates,
        Optional<Clients> clients,
        Duration handshakeTimeout) {

    /**
     * Who judges the certificates of clients.
     *
     * @param check at each request
     * @param trust in the handshake; asked for at the start and at each renewal
     */
    public record Clients(ClientCertificateCheck check, Supplier<X509ExtendedTrustManager> trust) {}

    /** What resources are told of the certificates of clients. */
    public PeerCertificates peers() {
        return clients.<PeerCertificates>map(each -> new ShownCertificates(each.check()))
                .orElse(PeerCertificates.NONE);
    }
}
