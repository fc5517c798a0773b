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
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the hub itself and of its JVM. Shared. Every name is in {@code docs/metrics.md}
 * and stays as it is.
 */
public final class HubMetrics implements SignInListener, AutoCloseable {

    /** Products that are shown by name; each costs a scraper four time series. */
    private static final int PRODUCTS_MAX = 100;

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
                    .tag("state", word(status))
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
        Gauge.builder("muster.registry.damaged", watch, source -> source.isDamaged() ? 1 : 0)
                .description("Whether damage was met in the registry since the start: 1 or 0")
                .strongReference(true)
                .register(meters);
        Gauge.builder("muster.device.states.waiting", statesWaiting, source -> source.getAsInt())
                .description("Devices whose state the registry does not hold yet")
                .strongReference(true)
                .register(meters);
    }

    /**
     * Shows how many devices there are in each state, of the products with the most devices. They
     * are looked at when the page is asked for.
     *
     * @param counts gives the counts of so many products at most
     */
    public void watchProducts(IntFunction<Map<String, Map<DeviceStatus, Long>>> counts) {
        meters.getPrometheusRegistry().register(() -> snapshot(counts.apply(PRODUCTS_MAX)));
    }

    private static MetricSnapshot snapshot(Map<String, Map<DeviceStatus, Long>> products) {
        GaugeSnapshot.Builder snapshot =
                GaugeSnapshot.builder()
                        .name("muster_product_devices")
                        .help("Registered devices of the largest products by state");
        products.forEach(
                (product, counts) ->
                        counts.forEach(
                                (status, count) ->
                                        snapshot.dataPoint(
                                                GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                                        .labels(
                                                                Labels.of(
                                                                        "product",
                                                                        product,
                                                                        "state",
                                                                        word(status)))
                                                        .value(count)
                                                        .build())));
        return snapshot.build();
    }

    private static String word(DeviceStatus status) {
        return status.name().toLowerCase(Locale.ROOT);
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
