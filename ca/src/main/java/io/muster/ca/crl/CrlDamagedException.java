package io.muster.ca.crl;

/** Bytes are not the CRL that they should be. The message says in what they differ. */
final class CrlDamagedException extends Exception {

    private static final long serialVersionUID = 1L;

    CrlDamagedException(String message) {
        super(message);
    }

    CrlDamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
