package io.muster.ca.request;

import io.muster.ca.key.KeyKind;
import java.time.Duration;
import java.util.Set;

/**
 * What is allowed in a request, where that is not the same for all. Immutable.
 *
 * @param keyKinds kinds of keys that get a certificate, at least one
 * @param subject what the subject must be
 * @param sameKeyRenewal whether one whose certificate is still good gets another one for the same
 *     key
 * @param shortest for how long a certificate is valid at least, counted from now
 * @param standard for how long if the request does not say
 * @param longest for how long at most
 */
public record RequestPolicy(
        Set<KeyKind> keyKinds,
        SubjectRule subject,
        boolean sameKeyRenewal,
        Duration shortest,
        Duration standard,
        Duration longest) {

    /** Checks that it allows something. */
    public RequestPolicy {
        keyKinds = Set.copyOf(keyKinds);
        if (keyKinds.isEmpty()) {
            throw new IllegalArgumentException("a policy allows no kind of key");
        }
        if (shortest.isNegative()
                || shortest.isZero()
                || shortest.compareTo(standard) > 0
                || standard.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "validity of at least "
                            + shortest
                            + ", usually "
                            + standard
                            + " and at most "
                            + longest
                            + " is none");
        }
    }
}
