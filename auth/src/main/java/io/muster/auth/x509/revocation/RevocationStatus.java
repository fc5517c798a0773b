package io.muster.auth.x509.revocation;

/** What the lists that are in force say of a certificate. */
public enum RevocationStatus {
    /** It is not revoked. */
    GOOD,
    /** It was not revoked, and the next list is due, but not for long. */
    GRACE,
    /** It was not revoked, but the list is too old to know. */
    STALE,
    /** It is revoked. */
    REVOKED,
    /** There is no list that would name it. */
    NOT_COVERED;

    /** The one of a certificate that lists of this freshness would name, and do not. */
    static RevocationStatus notRevoked(Freshness freshness) {
        return switch (freshness) {
            case FRESH -> GOOD;
            case GRACE -> GRACE;
            case STALE -> STALE;
        };
    }
}
