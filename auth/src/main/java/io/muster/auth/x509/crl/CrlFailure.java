package io.muster.auth.x509.crl;

/**
 * Why a list was not taken. The one before stays in force. Names are stable, for logs and metrics.
 */
public enum CrlFailure {
    /** It could not be fetched or read. */
    UNAVAILABLE,
    /** It has more octets or entries than are taken. */
    TOO_LARGE,
    /** It is not a list in strict DER, or PEM of it. */
    MALFORMED,
    /** It is not of version 2. */
    VERSION,
    /** It has a list of entries without any (RFC 5280, 5.1.2.6). */
    EMPTY_ENTRIES,
    /** It has an unknown critical extension. */
    CRITICAL_EXTENSION,
    /** One of its entries has an unknown critical extension. */
    CRITICAL_ENTRY_EXTENSION,
    /** It is of somebody else, by its name. */
    ISSUER,
    /** It is of somebody else, by the identifier of the key, or has none. */
    AUTHORITY_KEY,
    /** Its issuer may not sign lists, or its key is too weak. */
    ISSUER_MAY_NOT_SIGN,
    /** It is signed in a way that is not taken. */
    SIGNATURE_ALGORITHM,
    /** Its issuer did not sign it. */
    SIGNATURE,
    /** It has only changes since another one. */
    DELTA,
    /** There are lists of changes too, so it does not say all, and that was not permitted. */
    DELTAS_ANNOUNCED,
    /** It has entries of other issuers. */
    INDIRECT,
    /** It has revocations for some reasons only. */
    SOME_REASONS,
    /** It is of another distribution point: another partition. */
    DISTRIBUTION_POINT,
    /** It is not about this kind of certificates. */
    SCOPE,
    /** It has no number. */
    NO_NUMBER,
    /**
     * Its number is lower than that of the one before, or the same and it was made earlier:
     * somebody presents an old list.
     */
    ROLLBACK,
    /** It is from the future. */
    NOT_YET_VALID,
    /** It does not say when the next one comes. */
    NO_NEXT_UPDATE
}
