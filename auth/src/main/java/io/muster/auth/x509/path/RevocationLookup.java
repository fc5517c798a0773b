package io.muster.auth.x509.path;

import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;

/** Knows where it stands whether a certificate is revoked. */
@FunctionalInterface
public interface RevocationLookup {

    /** The revocations of an issuer that are about such certificates. */
    IssuerRevocations of(X509Certificate issuer, X509Certificate certificate);
}
