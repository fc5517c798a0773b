package io.muster.devices.certificate;

/**
 * What is known of a certificate. It goes down this list only. One that has expired is valid or
 * revoked here: that is a question of the time.
 */
public enum CertificateStatus {
    /** Its serial number is taken; perhaps it is signed, and nobody has it yet. */
    RESERVED,
    /** It is issued, and of a device it is bound to it. */
    VALID,
    /** It is not good any more, for ever. */
    REVOKED
}
