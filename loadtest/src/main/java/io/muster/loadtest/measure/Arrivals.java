package io.muster.loadtest.measure;

import org.jspecify.annotations.Nullable;

/**
 * Counts the messages of one receiver for a turn of its event loop, so that what all threads share
 * is touched once for many. Confined to the receiver.
 */
public final class Arrivals {

    private static final int TIMES_MAX = 64;

    private final Measurement measurement;
    private long @Nullable [] times;
    private int timed;
    private int received;

    /** For one receiver. */
    public Arrivals(Measurement measurement) {
        this.measurement = measurement;
    }

    /**
     * A message came, which is timed if it was due in the measured window.
     *
     * @param dueNanos from when its latency counts
     */
    public void add(SequenceChecker.Verdict verdict, long dueNanos, long nowNanos) {
        received++;
        if (verdict != SequenceChecker.Verdict.NEW) {
            measurement.fault(verdict);
        }
        if (verdict != SequenceChecker.Verdict.DUPLICATE && measurement.measures(dueNanos)) {
            time(nowNanos - dueNanos);
        }
    }

    private void time(long nanos) {
        long[] current = times;
        if (current == null) {
            current = new long[TIMES_MAX];
            times = current;
        }
        current[timed++] = nanos;
        if (timed == TIMES_MAX) {
            tell();
        }
    }

    /** Hands over what was counted. */
    public void tell() {
        if (received > 0) {
            measurement.received(received);
            received = 0;
        }
        if (timed > 0 && times != null) {
            measurement.messages().record(times, timed);
            timed = 0;
        }
    }
}
