package io.muster.auth.x509.revocation;

/** What the lists that are in force say of a certificate. */
public enum RevocationStatus {
    /** It is not revoked. */
    GOOD,
    /** It is revoked. */
    REVOKED,
    /** It was not revoked, but the list is too old to know. */
    STALE,
    /** There is no list that would name it. */
    NOT_COVERED
}
