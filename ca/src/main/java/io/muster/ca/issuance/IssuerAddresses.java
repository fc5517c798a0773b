package io.muster.ca.issuance;

import io.muster.ca.SerialNumber;
import org.jspecify.annotations.Nullable;

/**
 * Where others find what an issuer publishes, as it is written into the certificates that it
 * issues: plain HTTP addresses, as what is behind them is signed. Asked by several threads.
 */
public interface IssuerAddresses {

    /** Of the revocation list on which a certificate would be, which follows from its serial. */
    String revocationList(SerialNumber serial);

    /** Of the issuer's own certificate. */
    String certificate();

    /** Of the responder (OCSP), if one runs. */
    default @Nullable String responder() {
        return null;
    }
}
