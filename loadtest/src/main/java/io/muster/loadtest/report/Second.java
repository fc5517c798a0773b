package io.muster.loadtest.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One second of a run. An immutable value.
 *
 * @param atSeconds when it ended, from the beginning of the run
 * @param phase what went on
 * @param flow what went through, a second
 * @param connected connections at its end
 * @param errors since the beginning
 * @param latency of messages that came in it
 * @param cpu what was used in it
 */
public record Second(
        double atSeconds,
        String phase,
        Flow flow,
        int connected,
        long errors,
        Spread latency,
        Cpu cpu) {

    private static final double MICROS_PER_MILLI = 1000;

    /**
     * What went through, a second.
     *
     * @param sent messages
     * @param received messages
     * @param opened connections
     */
    public record Flow(long sent, long received, long opened) {}

    /**
     * How latencies were spread, in microseconds; all 0 when nothing came.
     *
     * @param p50Micros half
     * @param p99Micros 99 of 100
     * @param maxMicros the longest
     */
    public record Spread(double p50Micros, double p99Micros, double maxMicros) {}

    /**
     * Processor time, in processors: 1 is one of them, busy all the time.
     *
     * @param broker null when it is not looked at
     * @param generator the load tester itself; null when the system does not tell
     */
    public record Cpu(@Nullable Double broker, @Nullable Double generator) {}

    /** The line of progress. */
    public String line() {
        return String.format(
                        Locale.ROOT,
                        "%4.0f s  %-10s  sent %d/s  received %d/s  connected %d (+%d/s)  errors %d  p99 %.1f ms%s",
                        atSeconds,
                        phase,
                        flow.sent(),
                        flow.received(),
                        connected,
                        flow.opened(),
                        errors,
                        latency.p99Micros() / MICROS_PER_MILLI,
                        cpu.broker() == null
                                ? ""
                                : String.format(
                                        Locale.ROOT, "  broker CPU %.0f %%", 100 * cpu.broker()))
                .stripTrailing();
    }
}
