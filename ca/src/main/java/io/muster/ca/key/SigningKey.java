package io.muster.ca.key;

import java.security.PublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;

/**
 * A private key that signs and stays where it is kept: it may have no encoding (PKCS#11). Shared by
 * threads.
 */
public interface SigningKey {

    /** Its other half. */
    PublicKey publicKey();

    /** The algorithm with which it signs, as certificates and lists say it. */
    default AlgorithmIdentifier algorithm() {
        return KeyKind.of(publicKey()).orElseThrow().signatureIdentifier();
    }

    /**
     * What signs one thing with SHA-256 or better; for one thread, and once. Never to be handed
     * bytes that somebody outside has chosen.
     *
     * @throws KeyUnusableException if the key cannot be used now
     */
    ContentSigner signer();

    /**
     * Makes sure that it can be used now.
     *
     * @throws KeyUnusableException if it cannot
     */
    default void requireUsable() {
        var unused = signer();
    }
}
