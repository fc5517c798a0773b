package io.muster.ca.audit;

/**
 * Something could not be recorded durably; the message says in which file, and why. After an error
 * of the disk nothing more is recorded until the chain is opened again.
 */
public final class AuditUnwritableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message says what cannot be written, and why. */
    public AuditUnwritableException(String message, Throwable cause) {
        super(message, cause);
    }
}
