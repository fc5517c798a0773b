package io.muster.auth.x509;

/** Is told when a certificate was refused in a handshake. Shared by threads; must not block. */
@FunctionalInterface
public interface RefusalListener {

    /** Somebody was not let in. */
    void refused(CertificateVerdict.Refused refusal);
}
