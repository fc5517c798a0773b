package io.muster.ca.request;

/** The kinds of keys that can have a certificate. */
public enum KeyKind {
    /** RSA with a modulus of 2048 bits. */
    RSA_2048,
    /** RSA with a modulus of 3072 bits. */
    RSA_3072,
    /** RSA with a modulus of 4096 bits. */
    RSA_4096,
    /** On the curve secp256r1. */
    EC_P256,
    /** On the curve secp384r1. */
    EC_P384,
    /** Ed25519 (RFC 8410). */
    ED25519
}
