package io.muster.ca.ledger;

import io.muster.ca.KeyHash;
import io.muster.ca.Validity;
import io.muster.ca.issuance.CertificateKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a certificate is going to be signed, and whose it will be: written down before.
 *
 * @param id which it will be
 * @param kind what it is for
 * @param owner who it belongs to, in the words of whoever asked for it: 1 to 200 characters
 * @param key the owner's key
 * @param validity from when until when it will be valid
 * @param requestKey what tells requests of this owner with this key apart: who asks again with the
 *     same gets the same certificate; null if each is to get another
 * @param renewedFrom the certificate by which its owner proved who asks, if it was by one
 * @param time now
 */
public record Reservation(
        CertificateId id,
        CertificateKind kind,
        String owner,
        KeyHash key,
        Validity validity,
        @Nullable String requestKey,
        @Nullable CertificateId renewedFrom,
        Instant time) {

    /** The longest owner and the longest request key, in characters. */
    public static final int LONGEST_TEXT = 200;

    /** Checks both texts. */
    public Reservation {
        requireText("owner", owner);
        if (requestKey != null) {
            requireText("request key", requestKey);
        }
    }

    private static void requireText(String what, String text) {
        if (text.isEmpty() || text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    what + " has " + text.length() + " characters, not 1 to " + LONGEST_TEXT);
        }
    }
}
