package io.muster.hub.api.http;

import io.javalin.http.Context;
import io.muster.auth.x509.ClientCertificate;
import io.muster.ca.RequestRefusedException;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * The certificates that clients of the management API show over TLS, which asks for one and demands
 * none. Shared; never blocks.
 */
public interface PeerCertificates {

    /** Where nobody can show one. */
    PeerCertificates NONE = ctx -> Optional.empty();

    /**
     * The one that came with a request. That the client has its key was proved in the handshake;
     * that it is good is found out now, each time, also if the TLS session was resumed: issuer,
     * dates and revocation. Whose it is, and whether he may do what he asks for, is for the caller
     * to find out.
     *
     * @return empty if the request came without TLS, or without a certificate
     * @throws RequestRefusedException if one was shown that is not good now
     */
    Optional<PeerCertificate> of(Context ctx);

    /**
     * A client's certificate that is good.
     *
     * @param leaf as it was shown: its key and its names
     * @param judged what was found out about it: fingerprint, serial number, issuer, device
     */
    record PeerCertificate(X509Certificate leaf, ClientCertificate judged) {}
}
