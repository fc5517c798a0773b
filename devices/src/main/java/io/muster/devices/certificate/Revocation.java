package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * That a certificate is not good any more.
 *
 * @param at since when, kept to the millisecond
 * @param reason the number that a CRL has for it (RFC 5280, 5.3.1): 0 to 5 or 9
 * @param actor who said so, 1 to 80 characters
 */
public record Revocation(Instant at, int reason, String actor) {

    /** No reason is told. */
    public static final int UNSPECIFIED = 0;

    /** Somebody else may have the private key. */
    public static final int KEY_COMPROMISE = 1;

    /** Another certificate took its place. */
    public static final int SUPERSEDED = 4;

    /** It is not needed any more. */
    public static final int CESSATION_OF_OPERATION = 5;

    /** Not there is certificateHold, 6: what is revoked stays so. */
    private static final Set<Integer> REASONS =
            Set.of(UNSPECIFIED, KEY_COMPROMISE, 2, 3, SUPERSEDED, CESSATION_OF_OPERATION, 9);

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public Revocation {
        at = at.truncatedTo(ChronoUnit.MILLIS);
        if (!REASONS.contains(reason)) {
            throw new IllegalArgumentException(
                    "revocation reason " + reason + " is not 0 to 5 or 9");
        }
        Actor.require(actor);
    }

    /** The same for another reason. */
    public Revocation withReason(int another) {
        return new Revocation(at, another, actor);
    }

    /** Whether this record of a revocation becomes {@code other}'s reason: only if it had none. */
    public boolean isAmendedBy(Revocation other) {
        return reason == UNSPECIFIED && other.reason == KEY_COMPROMISE;
    }
}
