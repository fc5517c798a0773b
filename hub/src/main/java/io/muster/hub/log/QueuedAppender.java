package io.muster.hub.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.jctools.queues.MpscArrayQueue;

/**
 * Writes log events from a thread of its own, so that nobody who logs waits for whoever reads the
 * log. What comes within a few milliseconds is written in one go, and the thread is woken only when
 * it has nothing to do: a hub that many clients come to at once spends its time on them.
 *
 * <p>If the reader does not keep up, the queue fills. When it is nearly full, events up to INFO are
 * dropped; when it is full, all are. A line says how many as soon as there is room again.
 */
final class QueuedAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

    static final int EVENTS_MAX = 8_192;

    /** So many places are kept for what is worse than INFO. */
    private static final int RESERVED = EVENTS_MAX / 4;

    private static final int WRITE_BYTES = 64 << 10;
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long STOP_MILLIS = 1_000;

    private final Encoder<ILoggingEvent> encoder;
    private final LongFunction<ILoggingEvent> lossReport;
    private final PrintStream out;
    private final MpscArrayQueue<ILoggingEvent> queue = new MpscArrayQueue<>(EVENTS_MAX);
    private final LongAdder dropped = new LongAdder();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(WRITE_BYTES);
    private final Thread writer = new Thread(this::write, "muster-log");
    private volatile boolean idle;
    private volatile boolean stopping;

    /**
     * An appender, to be started.
     *
     * @param lossReport what is written after so many events were dropped
     * @param out where the lines go
     */
    QueuedAppender(
            Encoder<ILoggingEvent> encoder,
            LongFunction<ILoggingEvent> lossReport,
            PrintStream out) {
        this.encoder = encoder;
        this.lossReport = lossReport;
        this.out = out;
        writer.setDaemon(true);
    }

    @Override
    public void start() {
        super.start();
        writer.start();
    }

    /** Writes what waits, for a second at most, since the reader may have gone for good. */
    @Override
    public void stop() {
        super.stop();
        stopping = true;
        LockSupport.unpark(writer);
        try {
            writer.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        boolean isWorse = event.getLevel().isGreaterOrEqual(Level.WARN);
        event.prepareForDeferredProcessing();
        boolean isQueued =
                isWorse
                        ? queue.offer(event)
                        : queue.offerIfBelowThreshold(event, EVENTS_MAX - RESERVED);
        if (!isQueued) {
            dropped.increment();
        } else if (idle) {
            LockSupport.unpark(writer);
        }
    }

    private void write() {
        while (true) {
            boolean isLast = stopping; // read first: what was queued before is written
            gather();
            if (lines.size() > 0) {
                flush();
            } else if (isLast) {
                return;
            } else {
                awaitEvent();
            }
        }
    }

    /** Nobody wakes the thread while it gathers, but the end. */
    private void flush() {
        byte[] bytes = lines.toByteArray();
        lines.reset();
        out.write(bytes, 0, bytes.length);
        out.flush();
        if (!stopping) {
            LockSupport.parkNanos(this, GATHER_NANOS);
        }
    }

    private void awaitEvent() {
        idle = true;
        if (queue.isEmpty() && !stopping) {
            LockSupport.park(this);
        }
        idle = false;
    }

    private void gather() {
        ILoggingEvent event = queue.poll();
        while (event != null) {
            encode(event);
            event = lines.size() < WRITE_BYTES ? queue.poll() : null;
        }
        long lost = dropped.sumThenReset();
        if (lost > 0) {
            encode(lossReport.apply(lost));
        }
    }

    /** An event that cannot be written must not end the log. */
    private void encode(ILoggingEvent event) {
        try {
            lines.writeBytes(encoder.encode(event));
        } catch (RuntimeException failure) {
            addError("log event not written", failure);
        }
    }
}
