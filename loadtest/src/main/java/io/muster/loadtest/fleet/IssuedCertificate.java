package io.muster.loadtest.fleet;

/**
 * What a device got for its request. An immutable value.
 *
 * @param request its own
 * @param chain its certificate and those of the issuers, in PEM
 */
public record IssuedCertificate(CertificateRequest request, String chain) {}
