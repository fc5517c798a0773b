package io.muster.auth.guard;

import java.time.Duration;

/**
 * How often somebody failed of late, and until when he is barred for it. Immutable; times are those
 * of a ticker, in nanoseconds.
 *
 * @param count failures within the window, or since the first bar
 * @param sinceNanos when the first of them was
 * @param bars how many bars there were; 0 is none yet
 * @param untilNanos when the last bar ends
 * @param beginsBar whether the last failure began it
 * @param proven whether who failed last had proven who he is, and was refused nevertheless
 */
record Failures(
        int count, long sinceNanos, int bars, long untilNanos, boolean beginsBar, boolean proven) {

    /** The first failure, which bars nobody. */
    static Failures first(long nowNanos, boolean proven) {
        return new Failures(1, nowNanos, 0, nowNanos, false, proven);
    }

    /** One more; no bar begins. */
    Failures more(boolean nowProven) {
        return new Failures(count + 1, sinceNanos, bars, untilNanos, false, nowProven);
    }

    /** The same with a bar that begins now. */
    Failures barred(long nowNanos, Duration length) {
        return new Failures(count, sinceNanos, bars + 1, nowNanos + length.toNanos(), true, proven);
    }

    boolean isFirst() {
        return count == 1;
    }

    boolean isBarredAt(long nowNanos) {
        return bars > 0 && untilNanos - nowNanos > 0;
    }

    /** Whether it has nothing to do with a failure now: too long ago, and there was no bar. */
    boolean isOver(long nowNanos, Duration window) {
        return bars == 0 && nowNanos - sinceNanos > window.toNanos();
    }

    Duration remaining(long nowNanos) {
        return Duration.ofNanos(untilNanos - nowNanos);
    }
}
