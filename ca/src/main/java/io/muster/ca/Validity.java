package io.muster.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * From when until when a certificate is valid, both included. There are no fractions of seconds in
 * certificates (RFC 5280, 4.1.2.5), so there are none here.
 *
 * @param notBefore whole seconds
 * @param notAfter later than that
 */
public record Validity(Instant notBefore, Instant notAfter) {

    /** Checks that one is before the other. */
    public Validity {
        if (!isWhole(notBefore) || !isWhole(notAfter)) {
            throw new IllegalArgumentException("times in certificates have no fractions");
        }
        if (!notBefore.isBefore(notAfter)) {
            throw new IllegalArgumentException(
                    "a certificate is valid from " + notBefore + ", but until " + notAfter);
        }
    }

    private static boolean isWhole(Instant time) {
        return time.equals(time.truncatedTo(ChronoUnit.SECONDS));
    }

    /** From a time on, for so long; fractions of seconds are dropped. */
    public static Validity from(Instant notBefore, Duration life) {
        Instant start = notBefore.truncatedTo(ChronoUnit.SECONDS);
        return new Validity(start, start.plus(life).truncatedTo(ChronoUnit.SECONDS));
    }

    /** How long that is. */
    public Duration life() {
        return Duration.between(notBefore, notAfter);
    }

    /** From when on it is time to renew: in the last third of its life. */
    public Instant renewableFrom() {
        return notAfter.minus(life().dividedBy(3));
    }

    /** Whether this is a time at which it is valid. */
    public boolean contains(Instant time) {
        return !time.isBefore(notBefore) && !time.isAfter(notAfter);
    }
}
