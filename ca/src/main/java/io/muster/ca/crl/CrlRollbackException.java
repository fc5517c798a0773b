package io.muster.ca.crl;

/**
 * The CRL number that comes next is not above the one that is published: what counts them was put
 * back to an earlier state, and may have forgotten revocations as well. Nothing is issued then,
 * since readers would refuse it, or believe that certificates are good again.
 */
public final class CrlRollbackException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CrlRollbackException(String message) {
        super(message);
    }
}
