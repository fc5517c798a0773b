package io.muster.devices.certificate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * That a certificate is not good any more.
 *
 * @param at since when, kept to the millisecond
 * @param reason the number that a CRL has for it (RFC 5280, 5.3.1): 0 to 5 or 9
 * @param actor who said so, 1 to 200 characters
 */
public record Revocation(Instant at, int reason, String actor) {

    /** No reason is told. */
    public static final int UNSPECIFIED = 0;

    /** Somebody else may have the private key. */
    public static final int KEY_COMPROMISE = 1;

    /** Somebody else may have the private key of a certificate authority. */
    public static final int CA_COMPROMISE = 2;

    /** Another certificate took its place. */
    public static final int SUPERSEDED = 4;

    /** It is not needed any more. */
    public static final int CESSATION_OF_OPERATION = 5;

    /** Not there is certificateHold, 6: what is revoked stays so. */
    private static final Set<Integer> REASONS =
            Set.of(
                    UNSPECIFIED,
                    KEY_COMPROMISE,
                    CA_COMPROMISE,
                    3,
                    SUPERSEDED,
                    CESSATION_OF_OPERATION,
                    9);

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public Revocation {
        at = at.truncatedTo(ChronoUnit.MILLIS);
        requireReason(reason);
        Line.require("actor", actor);
    }

    static void requireReason(int reason) {
        if (!REASONS.contains(reason)) {
            throw new IllegalArgumentException(
                    "revocation reason " + reason + " is not 0 to 5 or 9");
        }
    }

    /** The same without a reason. */
    public Revocation withoutReason() {
        return new Revocation(at, UNSPECIFIED, actor);
    }

    /** Whether it says that somebody else may have the key. */
    public boolean isOfKey() {
        return reason == KEY_COMPROMISE || reason == CA_COMPROMISE;
    }

    /** Whether this record gets the reason and the actor of a later one: only if it had none. */
    public boolean isAmendedBy(Revocation later) {
        return reason == UNSPECIFIED && later.reason == KEY_COMPROMISE;
    }

    /** What stands if a later one is asked for: the first, or the first {@link #isAmendedBy} it. */
    public Revocation followedBy(Revocation later) {
        return isAmendedBy(later) ? new Revocation(at, later.reason, later.actor) : this;
    }
}
