package io.muster.ca.request;

import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import java.util.Optional;

/**
 * What is kept in mind of public keys. It is asked only about keys of which the asker has proved
 * that it has the private half. Shared by threads; may block, and throws what it likes when it
 * cannot answer, which ends the request.
 *
 * <p>The answer may be old when the certificate is recorded, so whatever records it must hold by
 * itself that two holders never have one key.
 */
@FunctionalInterface
public interface KnownKeys {

    /**
     * What is known of this key.
     *
     * @param asker who asks
     * @param requestKey what tells this request from others of the same asker with the same key, if
     *     it may come again
     */
    KeyHistory historyOf(KeyHash key, Owner asker, Optional<String> requestKey);

    /**
     * What is known of a key.
     *
     * @param holder who had or has a certificate for it; empty if nobody has
     * @param inUse whether one of these certificates is neither revoked nor expired
     * @param compromised whether others know it, as far as was ever told
     * @param requested whether the asker has made the same request before, and got a certificate
     *     that is neither revoked nor expired, or is getting one
     */
    record KeyHistory(
            Optional<Owner> holder, boolean inUse, boolean compromised, boolean requested) {

        /** Of a key that nobody has seen before. */
        public static final KeyHistory NONE = new KeyHistory(Optional.empty(), false, false, false);
    }
}
