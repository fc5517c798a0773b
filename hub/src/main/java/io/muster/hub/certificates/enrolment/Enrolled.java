package io.muster.hub.certificates.enrolment;

import io.muster.ca.issuance.IssuedCertificate;
import io.muster.devices.certificate.CertificateId;
import java.time.Duration;
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
        return renewFrom(certificate.validity().notBefore(), certificate.validity().notAfter());
    }

    static Instant renewFrom(Instant notBefore, Instant notAfter) {
        return notAfter.minus(Duration.between(notBefore, notAfter).dividedBy(3));
    }
}
