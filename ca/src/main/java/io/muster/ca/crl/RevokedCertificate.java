package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import java.time.Instant;

/**
 * A certificate that is revoked.
 *
 * @param serial its number, of the issuer that the CRL is of
 * @param revokedAt since when; told by CRLs and OCSP to the second
 * @param reason why
 * @param notAfter when it expires; afterwards it leaves the CRL
 */
public record RevokedCertificate(
        SerialNumber serial, Instant revokedAt, RevocationReason reason, Instant notAfter) {

    CrlEntry entry() {
        return new CrlEntry(serial, revokedAt, reason);
    }
}
