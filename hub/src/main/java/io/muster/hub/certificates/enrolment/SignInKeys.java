package io.muster.hub.certificates.enrolment;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;

/**
 * With which kinds of keys devices can sign in by certificate. A certificate for another one would
 * be good, and let nobody in.
 */
public enum SignInKeys {
    /** All that certificates are made for. */
    ALL,

    /**
     * Where a listener for mutual TLS has BoringSSL: by itself that does not offer to verify by
     * Ed25519, and netty-tcnative has no way to tell it to.
     */
    ALL_BUT_ED25519;

    private static final String REMEDY =
            "devices do not sign in with keys of Ed25519 here, as the listeners for mutual TLS have"
                    + " BoringSSL, which does not take them; set tls.provider = jdk, or use an EC or"
                    + " RSA key";

    private boolean isOfUse(KeyKind kind) {
        return this == ALL || kind != KeyKind.ED25519;
    }

    /** Those of {@code allowed} that are good for something. */
    Set<KeyKind> among(Set<KeyKind> allowed) {
        return allowed.stream().filter(this::isOfUse).collect(Collectors.toSet());
    }

    /**
     * Nothing if a key of that kind is of use.
     *
     * @throws RequestRefusedException if it is not
     */
    void require(KeyKind kind) {
        if (!isOfUse(kind)) {
            throw refusal("The key is of Ed25519");
        }
    }

    /** Whether a key of this algorithm is of no use here, and would be elsewhere. */
    boolean leavesOut(ASN1ObjectIdentifier algorithm) {
        return this == ALL_BUT_ED25519 && algorithm.equals(EdECObjectIdentifiers.id_Ed25519);
    }

    /** Why a key is not taken, and what would help. */
    RequestRefusedException refusal(String what) {
        return new RequestRefusedException(RefusalCode.KEY_TYPE_NOT_ALLOWED, what + "; " + REMEDY);
    }
}
