package io.muster.ca.pki;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that a test moves. Shared by threads. */
public final class TestClock extends Clock {

    private volatile Instant now;

    /** Stands at this time. */
    public TestClock(Instant now) {
        this.now = now;
    }

    /** Moves on, or back. */
    public void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
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
