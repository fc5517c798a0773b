package io.muster.auth.x509.path;

import io.muster.auth.x509.encoding.Printable;
import java.security.cert.CertificateException;

/** A certificate is refused. The message says what was wrong with which one. */
public final class CertificateRefusedException extends CertificateException {

    private static final long serialVersionUID = 1L;

    private final RefusalCause refusal;

    /**
     * The message is for the log, not for whoever presented the certificate. What it quotes of that
     * is made printable.
     */
    public CertificateRefusedException(RefusalCause refusal, String message) {
        super(Printable.of(message));
        this.refusal = refusal;
    }

    /** The same, found by somebody else. */
    public CertificateRefusedException(RefusalCause refusal, String message, Throwable cause) {
        super(Printable.of(message), cause);
        this.refusal = refusal;
    }

    /** Why, in one word. */
    public RefusalCause refusal() {
        return refusal;
    }

    /** Expected for certificates of strangers, so without the cost of a stack trace. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
