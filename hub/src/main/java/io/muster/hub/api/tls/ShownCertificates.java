package io.muster.hub.api.tls;

import io.javalin.http.Context;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.hub.api.http.PeerCertificates;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The certificates of clients, judged anew at each request: the handshake may have been long ago,
 * and if its session was resumed nobody was asked then. Shared; never blocks.
 */
public final class ShownCertificates implements PeerCertificates {

    /** Where the HTTP server puts the chain of the client [Servlet 6.0, 3.10]. */
    private static final String CHAIN = "jakarta.servlet.request.X509Certificate";

    private final ClientCertificateCheck check;

    /** Those that pass this check. */
    public ShownCertificates(ClientCertificateCheck check) {
        this.check = check;
    }

    @Override
    public Optional<PeerCertificate> of(Context ctx) {
        if (!(ctx.req().getAttribute(CHAIN) instanceof X509Certificate[] chain)
                || chain.length == 0) {
            return Optional.empty();
        }
        CertificateVerdict verdict = check.check(List.of(chain));
        if (verdict instanceof CertificateVerdict.Accepted accepted) {
            return Optional.of(new PeerCertificate(chain[0], accepted.certificate()));
        }
        CertificateVerdict.Refused refused = (CertificateVerdict.Refused) verdict;
        throw new RequestRefusedException(
                RefusalCode.NOT_AUTHORIZED,
                "the certificate that the client showed is not accepted: "
                        + refused.cause().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
}
