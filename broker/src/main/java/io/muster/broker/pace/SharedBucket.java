package io.muster.broker.pace;

import java.util.concurrent.atomic.AtomicLong;

/** A bucket that all event loops take from: see {@link Rate}. Shared, without locks. */
final class SharedBucket {

    private final Rate rate;
    private final AtomicLong fullAtNanos;

    /** A full bucket. */
    SharedBucket(Rate rate, long nowNanos) {
        this.rate = rate;
        this.fullAtNanos = new AtomicLong(nowNanos);
    }

    /** Whether a token is there. */
    boolean hasToken(long nowNanos) {
        return rate.waitNanos(fullAtNanos.get(), nowNanos) <= 0;
    }

    /** Whether nothing is missing, so that it is like a new one. */
    boolean isFull(long nowNanos) {
        return fullAtNanos.get() - nowNanos <= 0;
    }

    /** Takes tokens, whether they are there or not. */
    void take(long amount, long nowNanos) {
        fullAtNanos.updateAndGet(full -> rate.after(full, nowNanos, amount));
    }

    /** Takes a token if one is there; false if none is. */
    boolean tryTake(long nowNanos) {
        long full = fullAtNanos.get();
        while (rate.waitNanos(full, nowNanos) <= 0) {
            if (fullAtNanos.compareAndSet(full, rate.after(full, nowNanos, 1))) {
                return true;
            }
            full = fullAtNanos.get();
        }
        return false;
    }
}
