package io.muster.auth.x509.revocation;

import java.time.Duration;
import java.time.Instant;

/** Whether a list still says who is revoked now. */
public enum Freshness {
    /** The next one is not due yet. */
    FRESH,
    /** The next one is due, but not for long: an alarm, nobody is refused. */
    GRACE,
    /** The next one is long due, or there never was one: nobody is let in. */
    STALE;

    /** The one of a list whose next one is due at some time. */
    static Freshness of(Instant nextUpdate, Instant now, Duration grace) {
        if (!now.isAfter(nextUpdate)) {
            return FRESH;
        }
        return now.isAfter(nextUpdate.plus(grace)) ? STALE : GRACE;
    }
}
