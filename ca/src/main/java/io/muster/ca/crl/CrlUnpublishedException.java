package io.muster.ca.crl;

/**
 * A CRL could not be issued or written. The one before it is still in force, and the certificates
 * are still revoked; the message says which CRL it is, and why.
 */
public final class CrlUnpublishedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CrlUnpublishedException(String message, Throwable cause) {
        super(message, cause);
    }
}
