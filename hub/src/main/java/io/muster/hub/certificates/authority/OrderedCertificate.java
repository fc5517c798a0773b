package io.muster.hub.certificates.authority;

import io.muster.ca.issuance.IssuedCertificate;

/**
 * What came of the order of an operator. Immutable.
 *
 * @param certificate what was issued
 * @param issuer who has signed it
 */
public record OrderedCertificate(IssuedCertificate certificate, IssuedCertificate issuer) {

    /** Both in PEM, as devices and servers show them: without the root. */
    public String pem() {
        return certificate.pem() + issuer.pem();
    }
}
