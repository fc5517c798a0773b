package io.muster.broker.net.tls;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets so many log lines through in a minute, and counts the others: strangers must not fill a
 * disk. Shared.
 */
final class LogAllowance {

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int linesMax;
    private final LongSupplier nanoTime;
    private long beganNanos;
    private int lines;
    private long unlogged;

    LogAllowance(int linesMax, LongSupplier nanoTime) {
        this.linesMax = linesMax;
        this.nanoTime = nanoTime;
        this.beganNanos = nanoTime.getAsLong();
    }

    /**
     * Asks for a line.
     *
     * @return how many were not let through since the last that was; -1 if this one is not
     */
    synchronized long ask() {
        long now = nanoTime.getAsLong();
        if (now - beganNanos >= WINDOW_NANOS) {
            beganNanos = now;
            lines = 0;
        }
        if (lines >= linesMax) {
            unlogged++;
            return -1;
        }
        lines++;
        long before = unlogged;
        unlogged = 0;
        return before;
    }
}
