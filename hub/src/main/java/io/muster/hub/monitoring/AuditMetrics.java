package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.hub.audit.AuditListener;

/** Counts what becomes of audit rows. Shared. */
public final class AuditMetrics implements AuditListener {

    private final Counter written;
    private final Counter lost;
    private final Counter summarized;

    /** Counters in a registry, of which none is counted yet. */
    public AuditMetrics(MeterRegistry meters) {
        this.written = counter(meters, "muster.audit.rows", "Rows written to the audit log");
        this.lost =
                counter(
                        meters,
                        "muster.audit.rows.lost",
                        "Rows and ends of acts that the audit log lacks");
        this.summarized =
                counter(
                        meters,
                        "muster.audit.refusals.summarized",
                        "Refusals without a row of their own, since there were too many");
    }

    private static Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder(name).description(description).register(meters);
    }

    @Override
    public void written(int rows) {
        written.increment(rows);
    }

    @Override
    public void lost(int rows) {
        lost.increment(rows);
    }

    @Override
    public void summarized() {
        summarized.increment();
    }
}
