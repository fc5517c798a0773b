package io.muster.loadtest;

import io.muster.loadtest.Receiver.SequenceChecker;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * What is counted and timed while a run goes on. Shared between all threads, except {@link
 * #takeInterval}, which only the thread that runs the test calls.
 */
final class Measurement {

    private static final long LATENCY_NANOS_MAX = TimeUnit.HOURS.toNanos(1);
    private static final int SIGNIFICANT_DIGITS = 3;

    /** Bounds the memory of the error texts, some of which come from the broker. */
    private static final int ERROR_KINDS_MAX = 20;

    private static final String OTHER_ERRORS = "other errors";

    private final long run;
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder outOfOrder = new LongAdder();
    private final LongAdder misrouted = new LongAdder();
    private final LongAdder foreign = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder disconnects = new LongAdder();
    private final AtomicInteger connected = new AtomicInteger();
    private final Map<String, LongAdder> errorKinds = new ConcurrentHashMap<>();
    private final Recorder latencyNanos = new Recorder(LATENCY_NANOS_MAX, SIGNIFICANT_DIGITS);
    private final Histogram totalLatencyNanos =
            new Histogram(LATENCY_NANOS_MAX, SIGNIFICANT_DIGITS);
    private @Nullable Histogram interval;

    private volatile long startNanos;
    private volatile long measureFromNanos;
    private volatile long endNanos;

    Measurement(long run) {
        this.run = run;
    }

    /** Fixes the times of the run, by {@link System#nanoTime}; called before the first message. */
    void schedule(long start, long measureFrom, long end) {
        startNanos = start;
        measureFromNanos = measureFrom;
        endNanos = end;
    }

    /** The number that marks the messages of this run. */
    long run() {
        return run;
    }

    long startNanos() {
        return startNanos;
    }

    long measureFromNanos() {
        return measureFromNanos;
    }

    long endNanos() {
        return endNanos;
    }

    void sent() {
        sent.increment();
    }

    /** Counts a message, and its latency if it was due in the measured window. */
    void received(SequenceChecker.Verdict verdict, long dueNanos, long nowNanos) {
        received.increment();
        switch (verdict) {
            case DUPLICATE -> {
                duplicates.increment();
                return;
            }
            case OUT_OF_ORDER -> outOfOrder.increment();
            case NEW -> {}
        }
        if (dueNanos - measureFromNanos >= 0 && dueNanos - endNanos < 0) {
            latencyNanos.recordValue(Math.min(nowNanos - dueNanos, LATENCY_NANOS_MAX));
        }
    }

    void misrouted() {
        misrouted.increment();
    }

    void foreign() {
        foreign.increment();
    }

    void connected() {
        connected.incrementAndGet();
    }

    void disconnected(String reason) {
        connected.decrementAndGet();
        disconnects.increment();
        error(reason);
    }

    /** Counts an error under its sentence. */
    void error(String sentence) {
        errors.increment();
        LongAdder kind = errorKinds.get(sentence);
        if (kind == null) {
            boolean room = errorKinds.size() < ERROR_KINDS_MAX;
            kind =
                    errorKinds.computeIfAbsent(
                            room ? sentence : OTHER_ERRORS, key -> new LongAdder());
        }
        kind.increment();
    }

    long sentCount() {
        return sent.sum();
    }

    long receivedCount() {
        return received.sum();
    }

    long errorCount() {
        return errors.sum();
    }

    long disconnectCount() {
        return disconnects.sum();
    }

    int connectedCount() {
        return connected.get();
    }

    /** How often each error happened. */
    Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errorKinds.forEach((sentence, count) -> counts.put(sentence, count.sum()));
        return counts;
    }

    /** The counts of the whole run, with what only the publishers and receivers know. */
    LatencyReport.Counts counts(long lost, long unacknowledged) {
        return new LatencyReport.Counts(
                sent.sum(),
                received.sum(),
                lost,
                unacknowledged,
                duplicates.sum(),
                outOfOrder.sum(),
                misrouted.sum(),
                foreign.sum());
    }

    /** The latencies since the last call, in nanoseconds; valid until the next call. */
    Histogram takeInterval() {
        Histogram taken = latencyNanos.getIntervalHistogram(interval);
        interval = taken;
        totalLatencyNanos.add(taken);
        return taken;
    }

    /** All latencies of messages due in the measured window, in nanoseconds. */
    Histogram latencyNanos() {
        takeInterval();
        return totalLatencyNanos;
    }
}
