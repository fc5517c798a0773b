package io.muster.loadtest.report;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How certificates were issued. An immutable value.
 *
 * @param issued how many
 * @param kept how many devices had one before, and asked for none
 * @param seconds from the first request to the last answer
 * @param latency from each request to its answer
 */
public record EnrolmentReport(long issued, long kept, double seconds, Latency latency) {

    /** Sums up. */
    public static EnrolmentReport of(long kept, long tookNanos, Histogram nanos) {
        return new EnrolmentReport(
                nanos.getTotalCount(),
                kept,
                tookNanos / (double) TimeUnit.SECONDS.toNanos(1),
                Latency.of(nanos, "from a request for a certificate to the certificate"));
    }

    /** Two lines for people. */
    public String text() {
        if (issued == 0) {
            return "no certificates issued: all %d devices have one".formatted(kept);
        }
        return String.format(
                Locale.ROOT,
                "%d certificates in %.1f s, %.0f a second; %d devices had one%n"
                        + "latency ms: p50 %.1f, p90 %.1f, p99 %.1f, longest %.1f",
                issued,
                seconds,
                issued / seconds,
                kept,
                millis(latency.p50Micros()),
                millis(latency.p90Micros()),
                millis(latency.p99Micros()),
                millis(latency.maxMicros()));
    }

    private static double millis(double micros) {
        return micros / TimeUnit.MILLISECONDS.toMicros(1);
    }
}
