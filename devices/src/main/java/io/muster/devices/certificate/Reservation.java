package io.muster.devices.certificate;

import io.muster.devices.DeviceId;
import java.util.Optional;

/**
 * What a certificate will be, decided before it is signed.
 *
 * @param id with a serial number that nobody had before
 * @param owner whose it is
 * @param publicKey the SHA-256 of its SubjectPublicKeyInfo
 * @param renews the certificate by which its owner proved who asks; empty if it was not by one
 */
public record Reservation(
        CertificateId id,
        CertificateKind kind,
        Owner owner,
        Sha256 publicKey,
        Validity validity,
        IssuanceRequest request,
        Optional<CertificateId> renews) {

    /**
     * Checks that it fits together.
     *
     * @throws IllegalArgumentException if its kind is another owner's; or if the issuer is an own
     *     authority and the kind says otherwise
     */
    public Reservation {
        if (!kind.isOf(owner)) {
            throw new IllegalArgumentException(
                    "certificate of kind %s cannot be of '%s'".formatted(kind, owner));
        }
        if (id.isExternal() != (kind == CertificateKind.EXTERNAL)) {
            throw new IllegalArgumentException(
                    "certificate %s is not of kind %s".formatted(id, kind));
        }
    }

    /** The device that owns it; empty if none does. */
    public Optional<DeviceId> device() {
        return owner instanceof Owner.Device device ? Optional.of(device.id()) : Optional.empty();
    }
}
