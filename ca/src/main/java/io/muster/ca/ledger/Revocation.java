package io.muster.ca.ledger;

import io.muster.ca.RevocationReason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * That a certificate is revoked, which is for ever.
 *
 * @param time since when, kept to the millisecond
 * @param reason why
 * @param actor who did it: 1 to 200 characters in one line
 */
public record Revocation(Instant time, RevocationReason reason, String actor) {

    /**
     * Checks the actor.
     *
     * @throws IllegalArgumentException saying what is allowed
     */
    public Revocation {
        time = time.truncatedTo(ChronoUnit.MILLIS);
        Line.require("actor", actor);
    }

    /** Whether it says that others know the key. */
    public boolean isOfKey() {
        return reason == RevocationReason.KEY_COMPROMISE
                || reason == RevocationReason.CA_COMPROMISE;
    }

    /** Whether a later one changes what stands: only that others know the key, if no reason did. */
    public boolean isAmendedBy(Revocation later) {
        return reason == RevocationReason.UNSPECIFIED
                && later.reason == RevocationReason.KEY_COMPROMISE;
    }

    /**
     * What is true if it is revoked once more: the first revocation, unless it had no reason and
     * the later one says that the key is known to others. The time stays that of the first.
     */
    public Revocation followedBy(Revocation later) {
        return isAmendedBy(later) ? new Revocation(time, later.reason, later.actor) : this;
    }

    /** The same without a reason. */
    public Revocation withoutReason() {
        return new Revocation(time, RevocationReason.UNSPECIFIED, actor);
    }
}
