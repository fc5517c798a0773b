package io.muster.auth.x509;

/** Is told how handshakes judge certificates. Shared by threads; must not block. */
public interface CertificateListener {

    /**
     * Somebody was let in; {@link CertificateVerdict.Accepted#freshness} says whether that was
     * because an operator lets in also those of whom too little is known.
     */
    void accepted(CertificateVerdict.Accepted acceptance);

    /** Somebody was not let in. */
    void refused(CertificateVerdict.Refused refusal);
}
