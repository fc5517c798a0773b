package io.muster.ca.ocsp;

/** A request is answered by an error, which nobody signs (RFC 6960, 2.3). */
final class OcspRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final OcspStatus status;

    OcspRefusedException(OcspStatus status, String message) {
        super(message);
        this.status = status;
    }

    OcspStatus status() {
        return status;
    }
}
