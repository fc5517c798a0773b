package io.muster.devices.certificate;

import io.muster.devices.DeviceId;
import java.util.Optional;

/**
 * What a certificate will be, decided before it is signed.
 *
 * @param id with a serial number that nobody had before
 * @param device whose it is; empty if it is none's
 * @param publicKey the SHA-256 of its SubjectPublicKeyInfo
 * @param renews the certificate whose place it takes
 */
public record Reservation(
        CertificateId id,
        CertificateKind kind,
        Optional<DeviceId> device,
        Sha256 publicKey,
        Validity validity,
        IssuanceRequest request,
        Optional<CertificateId> renews) {

    /**
     * Checks that it fits together.
     *
     * @throws IllegalArgumentException if a certificate of a device has none, or another has one;
     *     or if the issuer is an own authority and the kind says otherwise
     */
    public Reservation {
        if (kind.isOfDevice() != device.isPresent()) {
            throw new IllegalArgumentException(
                    "certificate of kind %s %s a device"
                            .formatted(kind, kind.isOfDevice() ? "needs" : "has not"));
        }
        if (id.isExternal() != (kind == CertificateKind.EXTERNAL)) {
            throw new IllegalArgumentException(
                    "certificate %s is not of kind %s".formatted(id, kind));
        }
    }
}
