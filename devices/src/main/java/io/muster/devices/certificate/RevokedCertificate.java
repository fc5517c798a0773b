package io.muster.devices.certificate;

import java.time.Instant;

/**
 * What a CRL says of a certificate.
 *
 * @param position where it stands in the order of the revocations
 * @param at since when it is revoked
 * @param reason see {@link Revocation#reason}
 * @param notAfter when it ends by itself
 */
public record RevokedCertificate(
        String serial, Position position, Instant at, int reason, Instant notAfter) {

    /**
     * A place in the order in which the certificates of an issuer were revoked. One whose reason
     * changes comes to the end once more.
     *
     * @param number greater than those of all revocations that were durable before; together
     *     revoked, several have one
     * @param serial of the certificate; empty before the first
     */
    public record Position(long number, String serial) {

        /** Before all of them. */
        public static final Position BEGIN = new Position(0, "");
    }
}
