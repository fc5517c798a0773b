package io.muster.hub.certificates;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that goes on like any other, and is moved by a test besides. Shared. */
public final class MovedClock extends Clock {

    private final Clock clock;
    private volatile Duration moved = Duration.ZERO;

    /** Stands still but for what a test moves it. */
    public MovedClock() {
        this(Clock.fixed(Instant.now(), ZoneOffset.UTC));
    }

    /** Goes on like this one. */
    public MovedClock(Clock clock) {
        this.clock = clock;
    }

    /** Moves it on, or back. */
    public void advance(Duration time) {
        moved = moved.plus(time);
    }

    @Override
    public Instant instant() {
        return clock.instant().plus(moved);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
