package io.muster.auth.x509.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The time by which looks are planned: that which passes, whatever the clock is set to, and the
 * clock's beside it. Shared.
 */
final class LookClock {

    private final Clock clock;
    private final LongSupplier ticks;
    private final RandomGenerator random;

    /**
     * A point in time.
     *
     * @param ticks nanoseconds since some point, which nobody sets
     * @param clock what the clock says
     */
    record Moment(long ticks, Instant clock) {}

    /** With a clock, {@link System#nanoTime} or the like, and chance for all that varies. */
    LookClock(Clock clock, LongSupplier ticks, RandomGenerator random) {
        this.clock = clock;
        this.ticks = ticks;
        this.random = random;
    }

    Moment now() {
        return new Moment(ticks.getAsLong(), clock.instant());
    }

    /** The ticks after a pause between three and five quarters of this one. */
    long after(Moment moment, Duration pause) {
        return moment.ticks()
                + Duration.ofMillis((long) (pause.toMillis() * (0.75 + random.nextDouble() / 2)))
                        .toNanos();
    }
}
