package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.auth.SignInListener;
import io.muster.auth.spi.AuthResult;
import io.muster.devices.DeviceStatus;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The metrics of the hub itself and of its JVM. Shared. Every name is in {@code docs/metrics.md}
 * and stays as it is.
 */
public final class HubMetrics implements SignInListener, AutoCloseable {

    private final PrometheusMeterRegistry meters;
    private final JvmGcMetrics garbageCollector = new JvmGcMetrics();

    /** Metrics of which none is counted yet. */
    public HubMetrics() {
        meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        garbageCollector.bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
    }

    /** Where others register theirs. */
    public PrometheusMeterRegistry registry() {
        return meters;
    }

    /** Shows how many devices there are in each state. */
    public void watchDevices(Supplier<Map<DeviceStatus, Long>> counts) {
        for (DeviceStatus status : DeviceStatus.values()) {
            Gauge.builder(
                            "muster.devices",
                            counts,
                            source -> source.get().getOrDefault(status, 0L).doubleValue())
                    .description("Registered devices by state")
                    .tag("state", status.name().toLowerCase(Locale.ROOT))
                    .strongReference(true)
                    .register(meters);
        }
    }

    @Override
    public void decided(String authenticator, AuthResult result) {
        Counter.builder("muster.sign.ins")
                .description("Sign-ins decided, by authenticator and outcome")
                .tag("authenticator", authenticator)
                .tag("outcome", outcome(result))
                .register(meters)
                .increment();
    }

    private static String outcome(AuthResult result) {
        return result instanceof AuthResult.Deny deny
                ? deny.reason().name().toLowerCase(Locale.ROOT)
                : "accepted";
    }

    @Override
    public void close() {
        garbageCollector.close();
        meters.close();
    }
}
