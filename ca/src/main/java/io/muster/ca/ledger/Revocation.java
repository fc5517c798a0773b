package io.muster.ca.ledger;

import io.muster.ca.RevocationReason;
import java.time.Instant;

/**
 * That a certificate is revoked, which is for ever.
 *
 * @param time since when
 * @param reason why
 * @param actor who did it: 1 to 200 characters
 */
public record Revocation(Instant time, RevocationReason reason, String actor) {

    /** Checks the actor. */
    public Revocation {
        if (actor.isEmpty() || actor.length() > Reservation.LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "actor has "
                            + actor.length()
                            + " characters, not 1 to "
                            + Reservation.LONGEST_TEXT);
        }
    }

    /**
     * What is true if it is revoked once more: the first revocation, unless it had no reason and
     * the later one says that the key is known to others. The time stays that of the first.
     */
    public Revocation followedBy(Revocation later) {
        boolean worse =
                reason == RevocationReason.UNSPECIFIED
                        && later.reason == RevocationReason.KEY_COMPROMISE;
        return worse ? new Revocation(time, later.reason, later.actor) : this;
    }
}
