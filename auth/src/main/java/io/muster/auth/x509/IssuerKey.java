package io.muster.auth.x509;

import io.muster.auth.x509.encoding.Extensions;
import io.muster.auth.x509.encoding.MalformedException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * What a certificate says of its issuer: the name, and which key of that name signed it. Immutable.
 *
 * @param identifier of the key, in hexadecimal digits
 */
record IssuerKey(X500Principal name, String identifier) {

    /** What this certificate says; empty if it does not name the key. */
    static Optional<IssuerKey> namedBy(X509Certificate issued) throws MalformedException {
        return Extensions.authorityKey(issued)
                .map(identifier -> new IssuerKey(issued.getIssuerX500Principal(), identifier));
    }

    /** What certificates say that this one's key signed. */
    static IssuerKey of(X509Certificate authority) throws MalformedException {
        return new IssuerKey(authority.getSubjectX500Principal(), Extensions.subjectKey(authority));
    }
}
