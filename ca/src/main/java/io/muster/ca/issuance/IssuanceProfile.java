package io.muster.ca.issuance;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.Validity;
import io.muster.ca.key.KeyKind;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What certificates of a kind may be like here: within what the kind permits, what an operator has
 * chosen. Checked when it is made, so that what it permits can be signed.
 *
 * @param kind what they are for
 * @param keys the keys that are taken, at least one
 * @param shortest the shortest life that may be asked for
 * @param usual the life of those for which none is asked
 * @param longest the longest life that may be asked for
 * @param policy the object identifier of a certificate policy (RFC 5280, 4.2.1.4), if they have one
 */
public record IssuanceProfile(
        CertificateKind kind,
        Set<KeyKind> keys,
        Duration shortest,
        Duration usual,
        Duration longest,
        @Nullable String policy) {

    /** How far back a certificate begins, for clients whose clocks are late. */
    public static final Duration BACKDATED = Duration.ofMinutes(5);

    private static final Pattern OBJECT_IDENTIFIER =
            Pattern.compile("[0-2](\\.(0|[1-9][0-9]{0,15})){1,30}");

    /**
     * Checks all of it against what the kind permits.
     *
     * @throws IllegalArgumentException naming what is not permitted, and what is
     */
    public IssuanceProfile {
        keys = Set.copyOf(keys);
        if (keys.isEmpty() || !kind.keys().containsAll(keys)) {
            throw new IllegalArgumentException(
                    kind + ": keys are " + sorted(keys) + ", not of " + sorted(kind.keys()));
        }
        requireOrder(kind, "shortest life", kind.shortestLife(), shortest);
        requireOrder(kind, "usual life", shortest, usual);
        requireOrder(kind, "longest life", usual, longest);
        requireOrder(kind, "longest life permitted", longest, kind.longestLife());
        if (policy != null && !OBJECT_IDENTIFIER.matcher(policy).matches()) {
            throw new IllegalArgumentException(
                    kind + ": policy '" + policy + "' is not an object identifier, 1.3.6.1...");
        }
    }

    private static void requireOrder(
            CertificateKind kind, String what, Duration less, Duration more) {
        if (more.compareTo(less) < 0) {
            throw new IllegalArgumentException(
                    kind + ": " + what + " is " + more + ", which is less than " + less);
        }
    }

    private static TreeSet<KeyKind> sorted(Set<KeyKind> keys) {
        return new TreeSet<>(keys);
    }

    /** All that the kind permits, with the life that is usual. */
    public static IssuanceProfile of(CertificateKind kind) {
        return new IssuanceProfile(
                kind, kind.keys(), kind.shortestLife(), kind.usualLife(), kind.longestLife(), null);
    }

    /** The same for these keys only. */
    public IssuanceProfile withKeys(Set<KeyKind> permitted) {
        return new IssuanceProfile(kind, permitted, shortest, usual, longest, policy);
    }

    /** The same with another usual and another longest life. */
    public IssuanceProfile withLife(Duration otherUsual, Duration otherLongest) {
        return new IssuanceProfile(kind, keys, shortest, otherUsual, otherLongest, policy);
    }

    /** The same with a certificate policy, or without one. */
    public IssuanceProfile withPolicy(@Nullable String objectIdentifier) {
        return new IssuanceProfile(kind, keys, shortest, usual, longest, objectIdentifier);
    }

    /**
     * From when until when a certificate is valid that is issued now. Its life counts from its
     * beginning, five minutes ago.
     *
     * @param life what is asked for; null for the usual
     * @throws RequestRefusedException if that is too short or too long here
     */
    public Validity validity(Instant now, @Nullable Duration life) {
        Duration chosen = life == null ? usual : life;
        if (chosen.compareTo(shortest) < 0 || chosen.compareTo(longest) > 0) {
            throw new RequestRefusedException(
                    RefusalCode.VALIDITY_RANGE,
                    "a life of "
                            + text(chosen)
                            + " is asked for; from "
                            + text(shortest)
                            + " to "
                            + text(longest)
                            + " is allowed");
        }
        return Validity.from(now.minus(BACKDATED), chosen);
    }

    private static String text(Duration life) {
        boolean whole = life.equals(Duration.ofDays(life.toDays()));
        return whole ? life.toDays() + " days" : life.toSeconds() + " seconds";
    }

    /**
     * Checks that certificates are made for such keys.
     *
     * @throws RequestRefusedException if not
     */
    public void requireKey(PublicKey key) {
        if (KeyKind.of(key).filter(keys::contains).isEmpty()) {
            throw new RequestRefusedException(
                    RefusalCode.KEY_TYPE_NOT_ALLOWED,
                    "the key is "
                            + KeyKind.of(key).map(KeyKind::toString).orElse(key.getAlgorithm())
                            + "; allowed are "
                            + sorted(keys));
        }
    }
}
