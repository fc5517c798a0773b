package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.CrlScope;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;

/**
 * An authority, however many certificates it has: by its name and key. Of authorities and of
 * clients it may keep separate lists.
 */
record Signer(X500Principal name, PublicKey key, CrlScope scope) {

    static Signer of(X509Certificate certificate, CrlScope scope) {
        return new Signer(certificate.getSubjectX500Principal(), certificate.getPublicKey(), scope);
    }
}
