package io.muster.ca;

/**
 * Why no certificate is made, or one of another authority not taken; stable, since callers and the
 * audit log know them by name. They stand in the order in which it is looked, and the first that
 * holds is the answer. In parentheses what an HTTP API answers with.
 */
public enum RefusalCode {
    /** The request is longer than 16 KiB (413). */
    CSR_TOO_LARGE,
    /** It is no certification request, or more than one (400). */
    CSR_MALFORMED,
    /** Nobody knows who asks (401). */
    NOT_AUTHENTICATED,
    /** Who asks may not have a certificate in this name (403). */
    NOT_AUTHORIZED,
    /** There is no such device (404). */
    DEVICE_UNKNOWN,
    /** The device is disabled (403). */
    DEVICE_DISABLED,
    /** Devices of this product have no certificates (403). */
    PRODUCT_NO_CERT,
    /** Too many requests in a short time (429). */
    RATE_LIMITED,
    /** The device has as many certificates as it may have (409). */
    CERT_LIMIT,
    /**
     * The certificate that shows who asks is revoked or expired, or somebody else's: it is known
     * who asks, but that certificate renews nothing (403).
     */
    NOT_RENEWABLE,
    /** A key of this algorithm, or on this curve, gets no certificate (422). */
    KEY_TYPE_NOT_ALLOWED,
    /** The RSA key is shorter or longer than allowed (422). */
    KEY_SIZE_NOT_ALLOWED,
    /** Others can find the private key, or there is none (422). */
    KEY_WEAK,
    /** The request is signed with an algorithm that is not allowed, or not the key's (422). */
    CSR_SIGALG,
    /** The signature was not made with the key in the request (422). */
    CSR_SIGNATURE,
    /** The key is somebody else's, or in use already (409). */
    KEY_REUSED,
    /** The key was revoked as compromised (409). */
    KEY_COMPROMISED,
    /** The subject is not the name of who asks, or not complete (422). */
    SUBJECT_MISMATCH,
    /** An extension is asked for that the certificate will not have (422). */
    EXTENSION_NOT_ALLOWED,
    /** Another alternative name is asked for than the one of who asks (422). */
    SAN_NOT_ALLOWED,
    /** The certificate would live for too short or too long a time (422). */
    VALIDITY_RANGE,
    /** There is no issuer for this, or its key or certificate cannot be used now (503). */
    ISSUER_UNAVAILABLE,
    /** The same was asked for before and is not decided yet (409). */
    REQUEST_UNDER_WAY,
    /** With the same key and request key something else was asked for (409). */
    REQUEST_KEY_REUSED,
    /** The certificate was revoked while it was made, as if its device was deleted (409). */
    REVOKED_MEANWHILE,
    /** What another authority is said to have issued is no certificate (400). */
    CERTIFICATE_MALFORMED,
    /** What another authority issued lets nobody in: it is not trusted, over, or revoked (422). */
    CERTIFICATE_REFUSED,
    /** What another authority issued is another device's, or was revoked here (409). */
    CERTIFICATE_KNOWN
}
