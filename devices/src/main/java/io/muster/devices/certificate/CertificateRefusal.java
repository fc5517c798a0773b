package io.muster.devices.certificate;

/** Why a certificate is not reserved or not bound. Nothing was written then. */
public enum CertificateRefusal {
    /** There is no such device. */
    DEVICE_UNKNOWN,
    /** The device is disabled: it gets no certificate until it is enabled. */
    DEVICE_DISABLED,
    /** The issuer has another certificate with this serial number: try another number. */
    SERIAL_NUMBER_TAKEN,
    /** The same was asked for before, and is reserved or has brought a certificate. */
    ALREADY_REQUESTED,
    /** The certificate that it renews or replaces is not valid any more, or is somebody else's. */
    NOT_RENEWABLE,
    /** The device has as many certificates that are good as it may have. */
    TOO_MANY,
    /** Somebody else has, or had, a certificate of this key. */
    KEY_OF_ANOTHER,
    /** Somebody else may have the key. */
    KEY_COMPROMISED,
    /** This very certificate is bound, under another name. */
    CERTIFICATE_KNOWN
}
