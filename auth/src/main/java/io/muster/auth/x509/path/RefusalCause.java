package io.muster.auth.x509.path;

/** Why a certificate is refused. Names are stable, for logs and metrics. */
public enum RefusalCause {
    /** There is none. */
    NO_CERTIFICATE,
    /** More certificates were presented than are looked at. */
    CHAIN_TOO_LONG,
    /** A certificate has more octets than are read. */
    TOO_LARGE,
    /** It is no certificate in strict DER, or an extension of it cannot be read. */
    MALFORMED,
    /** No authority that is trusted issued it, by name and key. */
    UNKNOWN_ISSUER,
    /** It is not of version 3. */
    VERSION,
    /** Its serial number is not positive or has more than 20 octets. */
    SERIAL_NUMBER,
    /** It is signed in a way that is not taken. */
    SIGNATURE_ALGORITHM,
    /** Its key is of a kind or size that is not taken. */
    KEY_NOT_ALLOWED,
    /** Its issuer did not sign it. */
    SIGNATURE,
    /** Its time has not come. */
    NOT_YET_VALID,
    /** Its time is over. */
    EXPIRED,
    /** It is an authority's, which is no client. */
    IS_AUTHORITY,
    /** It issued another one, and is no authority's. */
    NOT_AN_AUTHORITY,
    /** Its key may not be used so. */
    KEY_USAGE,
    /** It is not for clients of TLS. */
    EXTENDED_KEY_USAGE,
    /** It has a critical extension that is not known. */
    CRITICAL_EXTENSION,
    /** The path to it is longer than an authority on it permits. */
    PATH_LENGTH,
    /** Something else on the path to it is wrong. */
    PATH,
    /** It is revoked. */
    REVOKED,
    /** The list that would name it is too old, or there never was one. */
    REVOCATION_STALE,
    /** No list would name it. */
    NOT_COVERED,
    /** Its issuer, or one above, is revoked. */
    ISSUER_REVOKED,
    /** Its issuer, or one above, is not to be trusted now: expired, or with a stale list. */
    ISSUER_UNUSABLE;

    /** Whether it is over for good, as somebody has said so: of the certificate or of an issuer. */
    public boolean isRevocation() {
        return this == REVOKED || this == ISSUER_REVOKED;
    }
}
