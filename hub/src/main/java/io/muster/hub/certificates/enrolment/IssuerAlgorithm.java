package io.muster.hub.certificates.enrolment;

import io.muster.ca.key.KeyKind;

/** With what kind of key a certificate is signed. */
public enum IssuerAlgorithm {
    /** What every client can check. */
    RSA,
    /** On an elliptic curve. */
    EC;

    /** That of the key itself, so that who can use the one can check the other. */
    static IssuerAlgorithm of(KeyKind key) {
        return switch (key) {
            case RSA_2048, RSA_3072, RSA_4096 -> RSA;
            case EC_P256, EC_P384, ED25519 -> EC;
        };
    }
}
