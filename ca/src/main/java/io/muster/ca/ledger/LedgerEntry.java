package io.muster.ca.ledger;

import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger knows of a certificate.
 *
 * @param reservation whose it is
 * @param certificate what was signed; null while it is not, and for ever if that failed
 * @param revocation that it is revoked, if it is
 */
public record LedgerEntry(
        Reservation reservation,
        @Nullable IssuedCertificate certificate,
        @Nullable Revocation revocation) {

    /** What has become of a serial number. */
    public enum Status {
        /** A certificate is being signed. */
        RESERVED,
        /** It is signed and belongs to its owner. */
        VALID,
        /** It must not be trusted any more, or was never to be. */
        REVOKED
    }

    /** What has become of it; whether it has expired is told by its validity. */
    public Status status() {
        if (revocation != null) {
            return Status.REVOKED;
        }
        return certificate == null ? Status.RESERVED : Status.VALID;
    }

    /**
     * What was signed.
     *
     * @throws IllegalStateException if nothing was
     */
    public IssuedCertificate requireCertificate() {
        if (certificate == null) {
            throw new IllegalStateException("certificate " + id() + " was not signed");
        }
        return certificate;
    }

    /** Which it is. */
    public CertificateId id() {
        return reservation.id();
    }

    /** Whether it is valid at that time, as far as is known here. */
    public boolean isLive(Instant time) {
        return status() == Status.VALID && reservation.validity().contains(time);
    }

    /** The same with the certificate that was signed. */
    public LedgerEntry signed(IssuedCertificate signed) {
        return new LedgerEntry(reservation, signed, revocation);
    }

    /** The same revoked, or as it is if it was revoked before: {@link Revocation#followedBy}. */
    public LedgerEntry revoked(Revocation later) {
        return new LedgerEntry(
                reservation,
                certificate,
                revocation == null ? later : revocation.followedBy(later));
    }
}
