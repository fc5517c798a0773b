package io.muster.broker.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How late an event loop is: a task that should run every 100 ms measures by how much it ran late.
 * The largest lag since the last look is what is shown, so that a stall between two looks is seen.
 */
public final class LoopLag {

    /** Time between two measurements. */
    public static final long INTERVAL_MILLIS = 100;

    private final AtomicLong worstNanos = new AtomicLong();
    private final LongSupplier nanoTime;
    private long dueNanos;

    /** A measure that begins now. */
    public LoopLag() {
        this(System::nanoTime);
    }

    LoopLag(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.dueNanos = nanoTime.getAsLong();
    }

    /** Called by the loop, every {@link #INTERVAL_MILLIS} if it is not late. */
    public void tick() {
        long now = nanoTime.getAsLong();
        worstNanos.accumulateAndGet(now - dueNanos, Math::max);
        dueNanos = now + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
    }

    /** The largest lag in seconds since this was last asked. Any thread. */
    public double worstSeconds() {
        return Math.max(0, worstNanos.getAndSet(0)) / 1e9;
    }
}
