package io.muster.hub.certificates.enrolment;

import io.muster.ca.issuance.IssuedCertificate;
import io.muster.devices.certificate.CertificateId;
import java.time.Instant;
import java.util.List;

/**
 * A certificate that a device has got.
 *
 * @param id which it is
 * @param certificate the certificate
 * @param chain those of the authorities that issued it, without the root
 */
public record Enrolled(
        CertificateId id, IssuedCertificate certificate, List<IssuedCertificate> chain) {

    /** Copies the chain. */
    public Enrolled {
        chain = List.copyOf(chain);
    }

    /** When it should be renewed: in the last third of its life. */
    public Instant renewFrom() {
        var validity = certificate.validity();
        return validity.notAfter().minus(validity.life().dividedBy(3));
    }
}
