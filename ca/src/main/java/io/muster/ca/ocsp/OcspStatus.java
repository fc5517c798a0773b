package io.muster.ca.ocsp;

/** Whether a request is answered, and if not, why (RFC 6960, 4.2.1). */
public enum OcspStatus {
    /** There is a signed answer. */
    SUCCESSFUL(0),
    /** The request is none, or asks for more than is allowed. */
    MALFORMED_REQUEST(1),
    /** It cannot be signed now. */
    INTERNAL_ERROR(2),
    /** What is asked cannot be looked up now, or too many ask at once. */
    TRY_LATER(3),
    /** It asks about certificates of nobody who is known here (RFC 5019, 2.2.3). */
    UNAUTHORIZED(6);

    private final int code;

    OcspStatus(int code) {
        this.code = code;
    }

    /** Its number in a response. */
    int code() {
        return code;
    }
}
