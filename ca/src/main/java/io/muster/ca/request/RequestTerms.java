package io.muster.ca.request;

import java.time.Duration;
import java.util.Optional;

/**
 * What somebody says beside his request. Immutable.
 *
 * @param lifetime for how long he wants the certificate, if he says so
 * @param requestKey what tells this request from his others, if he may send it again because no
 *     answer came
 */
public record RequestTerms(Optional<Duration> lifetime, Optional<String> requestKey) {

    /** Nothing. */
    public static final RequestTerms NONE = new RequestTerms(Optional.empty(), Optional.empty());

    /** The same for so long. */
    public RequestTerms withLifetime(Duration wanted) {
        return new RequestTerms(Optional.of(wanted), requestKey);
    }

    /** The same, which may come again. */
    public RequestTerms withRequestKey(String key) {
        return new RequestTerms(lifetime, Optional.of(key));
    }
}
