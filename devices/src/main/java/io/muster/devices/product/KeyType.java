package io.muster.devices.product;

/** The types of keys that certificates are issued for. */
public enum KeyType {
    /** RSA with 2048 bits: what every device can do. */
    RSA_2048,
    /** RSA with 3072 bits. */
    RSA_3072,
    /** RSA with 4096 bits. */
    RSA_4096,
    /** The curve P-256, which is called prime256v1 too. */
    EC_P256,
    /** The curve P-384. */
    EC_P384,
    /** Ed25519 (RFC 8410). */
    ED25519
}
