package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A revocation that a CRL tells of, though the database it came from is lost.
 *
 * @param serial as in {@link CertificateId}
 * @param at since when, kept to the millisecond
 * @param reason see {@link Revocation#reason}
 * @param notAfter when the certificate ends at the latest: the end of its issuer, if nobody knows
 *     better
 */
public record ListedRevocation(String serial, Instant at, int reason, Instant notAfter) {

    /**
     * Checks the serial number and the reason.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public ListedRevocation {
        CertificateId.requireSerial(serial);
        Revocation.requireReason(reason);
        at = at.truncatedTo(ChronoUnit.MILLIS);
        notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
    }
}
