package io.muster.ca.issuance;

/** A certificate is not issued, for a reason that whoever asked for it may know. */
public final class IssuanceRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why; the names are stable codes of replies. */
    public enum Refusal {
        /** The key is of a kind for which none are issued. */
        KEY_TYPE_NOT_ALLOWED,
        /** The key is somebody else's, or that of an authority. */
        KEY_REUSED,
        /** The key was revoked since somebody else may have it. */
        KEY_COMPROMISED,
        /** The life asked for is out of range, or longer than the issuer's. */
        VALIDITY_RANGE,
        /** The certificate by which it is renewed proves nothing any more. */
        NOT_AUTHENTICATED,
        /** Names that cannot stand in a certificate of this kind. */
        SUBJECT_MISMATCH,
        /** There is no issuer for this, or its key or certificate cannot be used now. */
        ISSUER_UNAVAILABLE,
        /** The same was asked for before and is not decided yet. */
        REQUEST_UNDER_WAY
    }

    private final Refusal refusal;

    /** The message says what was wrong and what is allowed. */
    public IssuanceRefusedException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    /** The message says what was wrong and what is allowed. */
    public IssuanceRefusedException(Refusal refusal, String message, Throwable cause) {
        super(message, cause);
        this.refusal = refusal;
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
