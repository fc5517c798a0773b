package io.muster.auth.x509.revocation;

import java.time.Duration;
import java.time.Instant;

/** Whether a list still says who is revoked now. The best one is first. */
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

    /** What is known of two, where it takes both. */
    public Freshness worse(Freshness other) {
        return compareTo(other) > 0 ? this : other;
    }

    /** What is known of two, where either will do. */
    public Freshness better(Freshness other) {
        return compareTo(other) < 0 ? this : other;
    }
}
