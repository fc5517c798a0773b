package io.muster.auth.application;

import java.util.Collections;
import java.util.Map;

/**
 * Remembers which passwords were found wrong, or came with a name that nobody has, so that a client
 * that tries the same again and again costs no password hashing; shared by all threads.
 *
 * <p>It holds fingerprints (see {@link VerifiedPasswords#fingerprint}), which are good for one
 * stored hash only: a changed password, and an account that was made since, are looked at anew. A
 * quick refusal tells only that the same was tried before, never whether the name is known.
 * Bounded: what was not tried for longest is forgotten.
 */
final class RefusedPasswords {

    private final Map<String, Boolean> attempts;

    RefusedPasswords(int capacity) {
        this.attempts = Collections.synchronizedMap(new LeastRecentlyUsed<>(capacity));
    }

    /** Whether this attempt was refused before. */
    boolean contains(String fingerprint) {
        return attempts.get(fingerprint) != null; // which makes it the last that was tried
    }

    void add(String fingerprint) {
        attempts.put(fingerprint, true);
    }
}
