package io.muster.loadtest.measure;

import io.muster.loadtest.report.LinuxProcess;
import io.muster.loadtest.report.Second;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a run each second, on a thread of its own. The methods are called by the thread that
 * runs the test.
 */
public final class Progress {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double NANOS_PER_MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final double MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

    /** A last piece of a second that is shorter says nothing. */
    private static final double PIECE_SECONDS_MIN = 0.5;

    private final Measurement measurement;
    private final ProcessMeter meter;
    private final Timings timings;
    private final Consumer<Second> listener;
    private final List<Second> seconds = new ArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    new DefaultThreadFactory("loadtest-progress", true));
    private final long beginNanos = System.nanoTime();
    private Snapshot before;
    private volatile String phase = "connecting";

    /**
     * Begins to look.
     *
     * @param timings are taken each second, so nobody else takes them before {@link #end}
     * @param listener hears of each second, on the thread that looks
     */
    public Progress(
            Measurement measurement,
            ProcessMeter meter,
            Timings timings,
            Consumer<Second> listener) {
        this.measurement = measurement;
        this.meter = meter;
        this.timings = timings;
        this.listener = listener;
        this.before = Snapshot.take(measurement, meter);
        var unused = thread.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
    }

    /** Says what goes on from now. */
    public void phase(String now) {
        phase = now;
    }

    /** Stops looking, and returns all that was seen. */
    public List<Second> end() {
        thread.shutdown();
        try {
            boolean unused = thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if ((System.nanoTime() - before.nanos()) / NANOS_PER_SECOND >= PIECE_SECONDS_MIN) {
            look();
        }
        return List.copyOf(seconds);
    }

    private void look() {
        Snapshot now = Snapshot.take(measurement, meter);
        double passed = (now.nanos() - before.nanos()) / NANOS_PER_SECOND;
        Second second =
                new Second(
                        (now.nanos() - beginNanos) / NANOS_PER_SECOND,
                        phase,
                        new Second.Flow(
                                Math.round((now.sent() - before.sent()) / passed),
                                Math.round((now.received() - before.received()) / passed),
                                Math.round((now.opened() - before.opened()) / passed)),
                        measurement.connectedCount(),
                        measurement.errorCount(),
                        spread(timings.takeInterval()),
                        new Second.Cpu(
                                processors(before.used().broker(), now.used().broker(), passed),
                                processors(
                                        before.used().generator(),
                                        now.used().generator(),
                                        passed)));
        before = now;
        seconds.add(second);
        listener.accept(second);
    }

    private static Second.Spread spread(Histogram nanos) {
        return new Second.Spread(
                nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
                nanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
                nanos.getMaxValue() / NANOS_PER_MICRO);
    }

    private static @Nullable Double processors(
            LinuxProcess.@Nullable Usage before,
            LinuxProcess.@Nullable Usage after,
            double seconds) {
        return before == null || after == null
                ? null
                : Double.valueOf(
                        (after.cpuMicros() - before.cpuMicros()) / MICROS_PER_SECOND / seconds);
    }
}
