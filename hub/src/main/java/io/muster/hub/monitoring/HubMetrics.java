package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.auth.SignInListener;
import io.muster.auth.guard.Bar;
import io.muster.auth.guard.Bars;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.DeviceStatus;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.outage.RegistryWatch.Operation;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the hub itself and of its JVM. Shared. Every name is in {@code docs/metrics.md}
 * and stays as it is.
 */
public final class HubMetrics implements SignInListener, AutoCloseable {

    private final PrometheusMeterRegistry meters;
    private final JvmGcMetrics garbageCollector = new JvmGcMetrics();
    private final Map<Decision, Counter> signIns = new ConcurrentHashMap<>();

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

    /** Shows whether the registry can be read and written, and what waits to be. */
    public void watchRegistry(RegistryWatch watch, IntSupplier statesWaiting) {
        for (Operation operation : Operation.values()) {
            String word = operation.name().toLowerCase(Locale.ROOT);
            Gauge.builder(
                            "muster.registry.available",
                            watch,
                            source -> source.isAvailable(operation) ? 1 : 0)
                    .description("Whether the registry can be read and written: 1 or 0")
                    .tag("operation", word)
                    .strongReference(true)
                    .register(meters);
            FunctionCounter.builder(
                            "muster.registry.outage.seconds",
                            watch,
                            source -> source.outages(operation).toMillis() / 1000.0)
                    .description("How long the registry could not be read or written so far")
                    .tag("operation", word)
                    .register(meters);
        }
        Gauge.builder("muster.device.states.waiting", statesWaiting, source -> source.getAsInt())
                .description("Devices whose state the registry does not hold yet")
                .strongReference(true)
                .register(meters);
    }

    /** Shows whom the sign-in guard refuses, and how many are barred. */
    public void watchGuard(Bars bars) {
        for (Bar.Guard guard : Bar.Guard.values()) {
            FunctionCounter.builder(
                            "muster.sign.in.guard.refusals", bars, source -> source.refusals(guard))
                    .description("Sign-ins refused since somebody is barred, by what bars him")
                    .tag("guard", guard.word())
                    .register(meters);
            Gauge.builder("muster.sign.in.guard.bars", bars, source -> source.count(guard))
                    .description("Who is barred at present, by what bars him")
                    .tag("guard", guard.word())
                    .strongReference(true)
                    .register(meters);
        }
    }

    @Override
    public void decided(String authenticator, AuthResult result) {
        @Nullable DenyReason reason = result instanceof AuthResult.Deny deny ? deny.reason() : null;
        signIns.computeIfAbsent(new Decision(authenticator, reason), this::counter).increment();
    }

    private Counter counter(Decision decision) {
        return Counter.builder("muster.sign.ins")
                .description("Sign-ins decided, by authenticator and outcome")
                .tag("authenticator", decision.authenticator())
                .tag("outcome", decision.outcome())
                .register(meters);
    }

    /**
     * How a sign-in was decided, and by whom.
     *
     * @param reason null if the client was let in
     */
    private record Decision(String authenticator, @Nullable DenyReason reason) {

        private String outcome() {
            return reason == null ? "accepted" : reason.name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public void close() {
        garbageCollector.close();
        meters.close();
    }
}
