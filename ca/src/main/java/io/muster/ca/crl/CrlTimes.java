package io.muster.ca.crl;

import java.time.Duration;

/**
 * For how long CRLs are good.
 *
 * @param lifetime from issuing to {@code nextUpdate}: whoever has no newer one then has none
 * @param reissueAfter how old one may become before another takes its place without need; at most
 *     half of the lifetime, so that there is time to notice when that fails
 */
public record CrlTimes(Duration lifetime, Duration reissueAfter) {

    /** By how much {@code thisUpdate} is dated back, for readers whose clock is slow. */
    static final Duration SKEW = Duration.ofMinutes(1);

    /** Good for a day, and a new one each hour. */
    public static final CrlTimes DEFAULT = new CrlTimes(Duration.ofHours(24), Duration.ofHours(1));

    /** Of a root whose key is elsewhere: good for half a year, and a new one each quarter. */
    public static final CrlTimes OFFLINE_ROOT =
            new CrlTimes(Duration.ofDays(180), Duration.ofDays(90));

    /** Checks that there is time between the two. */
    public CrlTimes {
        if (reissueAfter.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "CRLs are issued again after " + reissueAfter + "; at least PT1S is allowed");
        }
        if (lifetime.compareTo(reissueAfter.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "CRLs live for %s; at least twice the %s after which they are issued again is allowed"
                            .formatted(lifetime, reissueAfter));
        }
    }
}
