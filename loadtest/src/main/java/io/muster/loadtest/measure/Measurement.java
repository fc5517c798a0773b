package io.muster.loadtest.measure;

import io.muster.loadtest.report.Counts;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What is counted and timed while a run goes on. Shared between all threads. */
public final class Measurement {

    /** Bounds the memory of the error texts, some of which come from the broker. */
    private static final int ERROR_KINDS_MAX = 20;

    private static final String OTHER_ERRORS = "other errors";

    private final int run;
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder outOfOrder = new LongAdder();
    private final LongAdder misrouted = new LongAdder();
    private final LongAdder unflagged = new LongAdder();
    private final LongAdder foreign = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder attempted = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder forgotten = new LongAdder();
    private final LongAdder disconnects = new LongAdder();
    private final AtomicInteger connected = new AtomicInteger();
    private final Map<String, LongAdder> errorKinds = new ConcurrentHashMap<>();
    private final Timings messages = new Timings();
    private final Timings connects = new Timings();

    private volatile long startNanos;
    private volatile long measureFromNanos;
    private volatile long endNanos;

    /** A run with a number of its own. */
    public Measurement() {
        this(ThreadLocalRandom.current().nextInt());
    }

    /**
     * A run.
     *
     * @param run marks its messages
     */
    public Measurement(int run) {
        this.run = run;
    }

    /** Fixes the times of the run, by {@link System#nanoTime}; called before the first message. */
    public void schedule(long start, long measureFrom, long end) {
        startNanos = start;
        measureFromNanos = measureFrom;
        endNanos = end;
    }

    /** The number that marks the messages of this run. */
    public int run() {
        return run;
    }

    /** When the load begins. */
    public long startNanos() {
        return startNanos;
    }

    /** When the measured window begins. */
    public long measureFromNanos() {
        return measureFromNanos;
    }

    /** When the measured window ends. */
    public long endNanos() {
        return endNanos;
    }

    /** Messages were sent. */
    public void sent(int count) {
        sent.add(count);
    }

    /** Messages came. */
    void received(int count) {
        received.add(count);
    }

    /** One that came was not the next of its publisher. */
    void fault(SequenceChecker.Verdict verdict) {
        (verdict == SequenceChecker.Verdict.DUPLICATE ? duplicates : outOfOrder).increment();
    }

    /** Whether a message that was due at a time is timed. */
    boolean measures(long dueNanos) {
        return dueNanos - measureFromNanos >= 0 && dueNanos - endNanos < 0;
    }

    /** A message came to a subscriber that had not asked for it. */
    public void misrouted() {
        misrouted.increment();
    }

    /** A message came as if it had just been published, but was retained. */
    public void unflagged() {
        unflagged.increment();
    }

    /** A message of others came. */
    public void foreign() {
        foreign.increment();
    }

    /** A connection is begun. */
    public void attempted() {
        attempted.increment();
    }

    /**
     * A CONNACK came.
     *
     * @param nanos since the connection was due
     */
    public void connected(long nanos) {
        connected.incrementAndGet();
        opened.increment();
        connects.record(new long[] {nanos}, 1);
    }

    /** A connection, or its subscription, did not come about. */
    public void failed(String reason) {
        failed.increment();
        error(reason);
    }

    /** A session that should have been kept was not there. */
    public void forgotten() {
        forgotten.increment();
    }

    /** A connection was closed here. */
    public void closed() {
        connected.decrementAndGet();
    }

    /** A connection ended that nobody here closed. */
    public void disconnected(String reason) {
        connected.decrementAndGet();
        disconnects.increment();
        error(reason);
    }

    /** Counts an error under its sentence. */
    public void error(String sentence) {
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

    /** Messages sent so far. */
    public long sentCount() {
        return sent.sum();
    }

    /** Messages received so far. */
    public long receivedCount() {
        return received.sum();
    }

    /** Connections begun so far. */
    public long attemptedCount() {
        return attempted.sum();
    }

    /** Connections opened so far. */
    public long openedCount() {
        return opened.sum();
    }

    /** Connections that did not come about. */
    public long failedCount() {
        return failed.sum();
    }

    /** Sessions that were not there. */
    public long forgottenCount() {
        return forgotten.sum();
    }

    /** Connections that ended although nobody here closed them. */
    public long disconnectCount() {
        return disconnects.sum();
    }

    /** Connections that there are now. */
    public int connectedCount() {
        return connected.get();
    }

    /** Errors so far. */
    public long errorCount() {
        return errors.sum();
    }

    /** How often each error happened. */
    public Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errorKinds.forEach((sentence, count) -> counts.put(sentence, count.sum()));
        return counts;
    }

    /** Of messages due in the measured window. */
    public Timings messages() {
        return messages;
    }

    /** Of connections. */
    public Timings connects() {
        return connects;
    }

    /** The counts of the whole run, with what only the publishers and receivers know. */
    public Counts counts(long lost, long unacknowledged) {
        return new Counts(
                sent.sum(),
                received.sum(),
                lost,
                unacknowledged,
                new Counts.Faults(
                        duplicates.sum(),
                        outOfOrder.sum(),
                        misrouted.sum(),
                        unflagged.sum(),
                        foreign.sum()));
    }
}
