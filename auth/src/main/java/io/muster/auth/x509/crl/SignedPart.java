package io.muster.auth.x509.crl;

import io.muster.auth.x509.algorithm.SignatureAlgorithm;
import java.security.PublicKey;

/** What of a list is signed, where it lies, and its signature. */
final class SignedPart {

    private final byte[] bytes;
    private final int from;
    private final int to;
    private final SignatureAlgorithm algorithm;
    private final byte[] signature;

    SignedPart(byte[] bytes, int from, int to, SignatureAlgorithm algorithm, byte[] signature) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.algorithm = algorithm;
        this.signature = signature;
    }

    boolean isSignedBy(PublicKey key) {
        return algorithm.verifies(key, bytes, from, to, signature);
    }
}
