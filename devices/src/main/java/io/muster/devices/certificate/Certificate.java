package io.muster.devices.certificate;

import io.muster.devices.DeviceId;
import java.time.Instant;
import java.util.Optional;

/**
 * A certificate as the registry knows it, without its bytes.
 *
 * @param reservation what was decided before it was signed
 * @param issuance empty if it is not known whether it was ever signed
 * @param revocation empty if it is not revoked
 * @param supersededBy the certificate that was issued in its place
 * @param usedAt when somebody signed in with it for the first time, as far as was told
 */
public record Certificate(
        Reservation reservation,
        Optional<Issuance> issuance,
        Optional<Revocation> revocation,
        Optional<CertificateId> supersededBy,
        Optional<Instant> usedAt) {

    /**
     * That it was signed.
     *
     * @param fingerprint the SHA-256 of its DER
     * @param at when it was recorded
     */
    public record Issuance(Sha256 fingerprint, Instant at) {}

    /** What it is called. */
    public CertificateId id() {
        return reservation.id();
    }

    /** Whose it is. */
    public Owner owner() {
        return reservation.owner();
    }

    /** The device that owns it; empty if none does. */
    public Optional<DeviceId> device() {
        return reservation.device();
    }

    /** How it stands, whatever the time is. */
    public CertificateStatus status() {
        if (revocation.isPresent()) {
            return CertificateStatus.REVOKED;
        }
        return issuance.isPresent() ? CertificateStatus.VALID : CertificateStatus.RESERVED;
    }

    /** Whether a revocation changes what is known of it: the first does, a later one seldom. */
    public boolean isChangedBy(Revocation later) {
        return revocation.map(first -> first.isAmendedBy(later)).orElse(true);
    }

    /** Whether its end has passed. */
    public boolean isExpired(Instant now) {
        return now.isAfter(reservation.validity().notAfter());
    }
}
