package io.muster.ca.request;

import io.muster.ca.KeyHash;
import io.muster.ca.key.KeyKind;
import java.security.PublicKey;
import java.time.Duration;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * All that a certificate takes over from a request that passed. Only {@link RequestAcceptance}
 * makes them: who has one knows that every rule holds. Immutable, shared by threads.
 */
public final class AcceptedRequest {

    private final CandidateKey key;
    private final Duration lifetime;

    AcceptedRequest(CandidateKey key, Duration lifetime) {
        this.key = key;
        this.lifetime = lifetime;
    }

    /** The key as it was in the request. */
    public SubjectPublicKeyInfo subjectPublicKeyInfo() {
        return key.encoded();
    }

    /** The same, for use. */
    public PublicKey publicKey() {
        return key.publicKey();
    }

    /** By which it is known. */
    public KeyHash keyHash() {
        return key.hash();
    }

    /** What kind of key it is. */
    public KeyKind keyKind() {
        return key.kind();
    }

    /** For how long from now the certificate shall be valid. */
    public Duration lifetime() {
        return lifetime;
    }
}
