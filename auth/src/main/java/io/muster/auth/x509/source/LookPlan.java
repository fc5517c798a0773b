package io.muster.auth.x509.source;

import io.muster.auth.x509.source.LookClock.Moment;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * When to look at a source again. Immutable.
 *
 * @param made when it was planned
 * @param lookAt whether there is something new, in ticks
 * @param retryAt also at what was there before, since it failed, in ticks
 */
record LookPlan(Moment made, long lookAt, OptionalLong retryAt) {

    /** A clock that was set by more than this says other things about lists than it did before. */
    private static final Duration STEP = Duration.ofMinutes(1);

    /** The first look. */
    static LookPlan atOnce(Moment now) {
        return new LookPlan(now, now.ticks(), OptionalLong.empty());
    }

    boolean isDue(Moment now) {
        return now.ticks() - lookAt >= 0 || isRetryDue(now) || isClockSet(now);
    }

    /** Whether what is there is to be looked at although it is the same. */
    boolean isRetryDue(Moment now) {
        return retryAt.isPresent() && (now.ticks() - retryAt.getAsLong() >= 0 || isClockSet(now));
    }

    private boolean isClockSet(Moment now) {
        Duration passed = Duration.ofNanos(now.ticks() - made.ticks());
        Duration byClock = Duration.between(made.clock(), now.clock());
        return byClock.minus(passed).abs().compareTo(STEP) > 0;
    }
}
