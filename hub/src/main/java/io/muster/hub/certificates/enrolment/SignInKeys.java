package io.muster.hub.certificates.enrolment;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import java.util.EnumSet;
import java.util.Set;

/**
 * With which kinds of keys devices can sign in by certificate. A certificate for another one would
 * be good, and let nobody in.
 */
public enum SignInKeys {
    /** All that certificates are made for. */
    ALL(EnumSet.allOf(KeyKind.class)),

    /**
     * Where a listener for mutual TLS has BoringSSL: by itself that does not offer to verify by
     * Ed25519, and netty-tcnative has no way to tell it to.
     */
    ALL_BUT_ED25519(EnumSet.complementOf(EnumSet.of(KeyKind.ED25519)));

    private static final String REMEDY =
            "devices do not sign in with keys of Ed25519 here, as the listeners for mutual TLS have"
                    + " BoringSSL, which does not take them; set tls.provider = jdk, or use an EC or"
                    + " RSA key";

    private final Set<KeyKind> kinds;

    SignInKeys(Set<KeyKind> kinds) {
        this.kinds = kinds;
    }

    /** Those of {@code allowed} that are good for something. */
    Set<KeyKind> among(Set<KeyKind> allowed) {
        Set<KeyKind> both = EnumSet.copyOf(kinds);
        both.retainAll(allowed);
        return both;
    }

    /**
     * Nothing if a key of that kind is of use.
     *
     * @throws RequestRefusedException if it is not
     */
    void require(KeyKind kind) {
        if (!kinds.contains(kind)) {
            throw refusal("The key is of Ed25519");
        }
    }

    /** Why a key is not taken, and what would help. */
    RequestRefusedException refusal(String what) {
        return new RequestRefusedException(RefusalCode.KEY_TYPE_NOT_ALLOWED, what + "; " + REMEDY);
    }
}
