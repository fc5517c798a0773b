package io.muster.auth.x509;

import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.Freshness;

/** What came out of a look at a client's certificate. */
public sealed interface CertificateVerdict {

    /**
     * It is good, now.
     *
     * @param freshness of the oldest list that says so, its issuer's and of those above; a stale
     *     one is enough only where an operator wants it so, and is for the log and for alarms
     */
    record Accepted(ClientCertificate certificate, Freshness freshness)
            implements CertificateVerdict {}

    /**
     * It is not.
     *
     * @param cause for metrics and logs
     * @param detail for logs only, in printable characters: it may say what strangers need not know
     */
    record Refused(RefusalCause cause, String detail) implements CertificateVerdict {}
}
