package io.muster.broker.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** What is counted of TLS. Shared. Names and meanings are in {@code docs/metrics.md}. */
public final class TlsMetrics {

    private static final double DAY_SECONDS = TimeUnit.DAYS.toSeconds(1);

    private static final Duration[] BUCKETS =
            List.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000).stream()
                    .map(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final MeterRegistry meters;
    private final String provider;
    private final Timer durations;
    private final MultiGauge expiry;
    private volatile Map<String, Instant> ends = Map.of();

    /**
     * None counted yet.
     *
     * @param provider whose code it is
     */
    public TlsMetrics(MeterRegistry meters, String provider) {
        this.meters = meters;
        this.provider = provider;
        this.durations =
                Timer.builder("muster.tls.handshake")
                        .description("Time from the client's first message to the end.")
                        .tag("provider", provider)
                        .serviceLevelObjectives(BUCKETS)
                        .register(meters);
        this.expiry =
                MultiGauge.builder("muster.tls.certificate.expiry.days")
                        .description("Days until a certificate of the server expires.")
                        .register(meters);
    }

    /** Shows how many handshakes are under way. */
    public void watchCurrent(IntSupplier count) {
        Gauge.builder("muster.tls.handshakes.current", count, IntSupplier::getAsInt)
                .description("Handshakes under way.")
                .strongReference(true)
                .register(meters);
    }

    /** Counts a handshake; {@code outcome} is one of a fixed set of names. */
    public void handshake(String listener, String outcome) {
        meters.counter(
                        "muster.tls.handshakes",
                        "listener",
                        listener,
                        "outcome",
                        outcome,
                        "provider",
                        provider)
                .increment();
    }

    /** Notes how long a handshake took that succeeded. */
    public void took(long nanos) {
        durations.record(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Shows when these certificates expire, and none of before. What is shown of one whose name
     * stays is asked for anew at each scrape and never registered anew: a scrape that runs
     * meanwhile would find it twice, and fail.
     */
    public void showExpiry(Map<String, Instant> certificates) {
        ends = Map.copyOf(certificates);
        expiry.register(
                certificates.keySet().stream()
                        .<MultiGauge.Row<?>>map(
                                name ->
                                        MultiGauge.Row.of(
                                                Tags.of("certificate", name),
                                                () -> daysUntilEndOf(name)))
                        .toList());
    }

    private double daysUntilEndOf(String name) {
        Instant end = ends.get(name);
        return end == null
                ? Double.NaN
                : Duration.between(Instant.now(), end).toSeconds() / DAY_SECONDS;
    }
}
