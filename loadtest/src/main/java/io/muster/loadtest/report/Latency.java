package io.muster.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * How long something took, in microseconds. An immutable value.
 *
 * @param meaning what the time is
 * @param samples how many it is taken from
 * @param meanMicros 0 without samples
 * @param distribution growing, up to the maximum
 */
public record Latency(
        String meaning, long samples, double meanMicros, List<Quantile> distribution) {

    /** Of messages at a rate. */
    public static final String OPEN_LOOP = "from the time each message was due to its receipt";

    /** Of messages flat out. */
    public static final String CLOSED_LOOP =
            "closed loop: outstanding messages divided by throughput, not the latency of a paced load";

    static final double NANOS_PER_MICRO = 1000;

    private static final double[] PERCENTILES = {
        0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99, 99.999, 100
    };

    /**
     * So many of a hundred took at most so long.
     *
     * @param percentile from 0 to 100
     * @param micros microseconds
     */
    public record Quantile(double percentile, double micros) {}

    /** Copies the list. */
    public Latency {
        distribution = List.copyOf(distribution);
    }

    /** Sums up nanoseconds. */
    public static Latency of(Histogram nanos, String meaning) {
        boolean empty = nanos.getTotalCount() == 0;
        List<Quantile> distribution = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            distribution.add(
                    new Quantile(
                            percentile, nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO));
        }
        return new Latency(
                meaning,
                nanos.getTotalCount(),
                empty ? 0 : nanos.getMean() / NANOS_PER_MICRO,
                distribution);
    }

    /** Half took at most so long. */
    @JsonProperty
    public double p50Micros() {
        return micros(50);
    }

    /** 90 of 100 took at most so long. */
    @JsonProperty
    public double p90Micros() {
        return micros(90);
    }

    /** 99 of 100 took at most so long. */
    @JsonProperty
    public double p99Micros() {
        return micros(99);
    }

    /** 999 of 1000 took at most so long. */
    @JsonProperty
    public double p999Micros() {
        return micros(99.9);
    }

    /** The longest. */
    @JsonProperty
    public double maxMicros() {
        return micros(100);
    }

    private double micros(double percentile) {
        return distribution.stream()
                .filter(quantile -> quantile.percentile() == percentile)
                .findFirst()
                .orElseThrow()
                .micros();
    }
}
