package io.muster.auth.x509;

import io.muster.auth.x509.path.RefusalCause;

/** What came out of a look at a client's certificate. */
public sealed interface CertificateVerdict {

    /** It is good, now. */
    record Accepted(ClientCertificate certificate) implements CertificateVerdict {}

    /**
     * It is not.
     *
     * @param cause for metrics and logs
     * @param detail for logs only: it may say what strangers need not know
     */
    record Refused(RefusalCause cause, String detail) implements CertificateVerdict {}
}
