package io.muster.hub.certificates.authority;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands still until it is moved. Shared. */
final class MovingClock extends Clock {

    private volatile Instant now = Instant.parse("2026-03-01T00:00:00Z");

    private volatile Runnable asked = () -> {};

    /** Does this before each answer, on the thread that asks. */
    void whenAsked(Runnable act) {
        asked = act;
    }

    void move(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        asked.run();
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }
}
