package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what becomes of changed files of TLS. Shared. */
public final class TlsFileMetrics {

    private final Counter renewed;
    private final Counter refused;
    private volatile boolean isStale;

    /** Counters in a registry, of which none is counted yet. */
    public TlsFileMetrics(MeterRegistry meters) {
        this.renewed = counter(meters, "renewed");
        this.refused = counter(meters, "refused");
        Gauge.builder("muster.tls.files.stale", this, metrics -> metrics.isStale ? 1 : 0)
                .description("Whether files of TLS cannot be used, so older ones are: 1 or 0")
                .strongReference(true)
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("muster.tls.reloads")
                .description("Changes of files of TLS by what became of them")
                .tag("outcome", outcome)
                .register(meters);
    }

    /** What is new is in force. */
    public void renewed() {
        isStale = false;
        renewed.increment();
    }

    /** What is new cannot be used. */
    public void refused() {
        isStale = true;
        refused.increment();
    }
}
