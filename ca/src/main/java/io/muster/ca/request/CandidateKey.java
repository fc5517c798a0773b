package io.muster.ca.request;

import io.muster.ca.KeyHash;
import io.muster.ca.key.KeyKind;
import java.security.PublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The public key of a request, of a kind that is allowed and not known to be weak.
 *
 * @param kind its kind
 * @param encoded as it was in the request; a key has only one encoding that comes as far as this
 * @param hash of that
 * @param publicKey the same, for use
 */
record CandidateKey(
        KeyKind kind, SubjectPublicKeyInfo encoded, KeyHash hash, PublicKey publicKey) {}
