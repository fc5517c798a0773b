package io.muster.devices.registry.certificates;

import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import java.util.List;
import java.util.Optional;

/**
 * Some of the certificates that were asked for.
 *
 * @param next the certificate behind which the next page begins; empty if this was the last. A page
 *     may be short, or empty, and have a next one
 */
public record CertificatePage(List<Certificate> certificates, Optional<CertificateId> next) {}
