package io.muster.loadtest.measure;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Times of one kind, in nanoseconds, with three significant digits. Recorded on any thread; read by
 * one thread at a time.
 */
public final class Timings {

    private static final long NANOS_MAX = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Recorder recorder = new Recorder(NANOS_MAX, SIGNIFICANT_DIGITS);
    private final Histogram total = new Histogram(NANOS_MAX, SIGNIFICANT_DIGITS);
    private @Nullable Histogram interval;

    /** Adds a time; what is longer than an hour counts as an hour. */
    void record(long nanos) {
        recorder.recordValue(Math.max(0, Math.min(nanos, NANOS_MAX)));
    }

    /** The times since the last call; valid until the next call. */
    public Histogram takeInterval() {
        Histogram taken = recorder.getIntervalHistogram(interval);
        interval = taken;
        total.add(taken);
        return taken;
    }

    /** All times. */
    public Histogram total() {
        takeInterval();
        return total;
    }
}
