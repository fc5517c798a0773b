package io.muster.ca.ocsp;

import io.muster.ca.SerialNumber;

/**
 * Where the certificates of one issuer are looked up. Called by several threads at once; may block.
 */
public interface CertificateStates {

    /**
     * The state of a certificate, now.
     *
     * @throws RuntimeException if it cannot be told now; whoever asked is to try again later
     */
    CertificateState of(SerialNumber serial);
}
