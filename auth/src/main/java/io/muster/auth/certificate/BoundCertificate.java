package io.muster.auth.certificate;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;

/**
 * What never changes of a certificate that is bound to a device. Immutable.
 *
 * @param id what it is called
 * @param kind whether our authority issued it or another
 * @param device whose it is
 */
public record BoundCertificate(CertificateId id, CertificateKind kind, DeviceId device) {}
