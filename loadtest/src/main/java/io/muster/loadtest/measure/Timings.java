package io.muster.loadtest.measure;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Times of one kind, in nanoseconds, with three significant digits. Recorded on any thread, best
 * many at once; read by one thread at a time.
 */
public final class Timings {

    private static final long NANOS_MAX = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram total = new Histogram(NANOS_MAX, SIGNIFICANT_DIGITS);
    private final Object lock = new Object();
    private Histogram filling = new Histogram(NANOS_MAX, SIGNIFICANT_DIGITS);
    private Histogram taken = new Histogram(NANOS_MAX, SIGNIFICANT_DIGITS);

    /** Adds the first of some times; what is longer than an hour counts as an hour. */
    void record(long[] nanos, int count) {
        synchronized (lock) {
            for (int i = 0; i < count; i++) {
                filling.recordValue(Math.max(0, Math.min(nanos[i], NANOS_MAX)));
            }
        }
    }

    /** The times since the last call; valid until the next call. */
    public Histogram takeInterval() {
        taken.reset();
        synchronized (lock) {
            Histogram full = filling;
            filling = taken;
            taken = full;
        }
        total.add(taken);
        return taken;
    }

    /** All times. */
    public Histogram total() {
        takeInterval();
        return total;
    }
}
