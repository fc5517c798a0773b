package io.muster.auth.x509;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that a test sets, and the time that passes beside it. */
public final class TestClock extends Clock {

    private volatile Instant now;
    private volatile long ticks = Long.MAX_VALUE - 1_000_000_000;

    public TestClock(Instant now) {
        this.now = now;
    }

    /** Lets time pass. */
    public synchronized void advance(Duration time) {
        now = now.plus(time);
        ticks += time.toNanos();
    }

    /** Nanoseconds that have passed, since some point; they overflow as any such number may. */
    public long ticks() {
        return ticks;
    }

    /** Without time passing. */
    public void set(Instant other) {
        now = other;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    @Override
    public Instant instant() {
        return now;
    }
}
