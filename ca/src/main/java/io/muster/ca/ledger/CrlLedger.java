package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.RevokedCertificate;
import java.util.Collection;
import java.util.List;

/**
 * What the ledger keeps for CRLs: who is revoked, in the order in which that happened, and the
 * numbers of CRLs. As {@link CertificateLedger} it is durable, shared, and blocks.
 */
public interface CrlLedger {

    /**
     * A place in the order of the revocations of an issuer. One whose reason changes comes to the
     * end once more.
     *
     * @param number greater than those of all revocations that were durable before; several that
     *     came together have one
     * @param serial the text of the serial number; empty before the first
     */
    record Position(long number, String serial) {

        /** Before all of them. */
        public static final Position BEGIN = new Position(0, "");
    }

    /** A revocation in its place. */
    record Listed(Position position, RevokedCertificate certificate) {}

    /**
     * Revocations of an issuer, in order, also of what has expired since. Whoever keeps the last
     * position finds from there all that became durable later.
     *
     * @param limit 1 to {@link CertificateLedger#PAGE_MAX}
     */
    List<Listed> revoked(IssuerId issuer, Position after, int limit);

    /** The last number that was taken for a CRL of that partition; 0 if none was. */
    long lastNumber(IssuerId issuer, int partition);

    /** Takes the number after the last: nobody else gets it. */
    long nextNumber(IssuerId issuer, int partition);

    /**
     * Makes sure that the next number is greater than this one, which a published CRL has: for a
     * ledger that was put back to an earlier state.
     *
     * @return the last number that is taken now
     */
    long raiseNumber(IssuerId issuer, int partition, long published);

    /**
     * Takes over what published CRLs tell and a ledger that was put back has forgotten. Of
     * certificates that are not known any more the revocation alone is known afterwards; their
     * serial numbers are taken. Repeated, it changes nothing.
     *
     * @param certificates 1 to {@link CertificateLedger#STEP_MAX}
     * @param actor who does it: 1 to 200 characters in one line
     * @return those that were revoked now, or whose reason has changed
     */
    List<CertificateId> adopt(
            IssuerId issuer, Collection<RevokedCertificate> certificates, String actor);
}
