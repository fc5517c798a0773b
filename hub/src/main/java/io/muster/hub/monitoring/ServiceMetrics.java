package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.hub.protocol.ServiceListener;
import io.muster.hub.protocol.ServiceListener.Outcome;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what devices and the hub ask of each other. Shared. */
public final class ServiceMetrics implements ServiceListener {

    private final MeterRegistry meters;
    private final Map<Call, Counter> calls = new ConcurrentHashMap<>();
    private final Map<Outcome, Counter> commands = new ConcurrentHashMap<>();

    private record Call(String method, int code) {}

    /** Counters in a registry, of which none is counted yet. */
    public ServiceMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void served(String method, int code) {
        calls.computeIfAbsent(new Call(method, code), this::counter).increment();
    }

    private Counter counter(Call call) {
        return Counter.builder("muster.device.requests")
                .description("Requests of devices, by method and code of the answer")
                .tag("method", call.method())
                .tag("code", Integer.toString(call.code()))
                .register(meters);
    }

    @Override
    public void commanded(Outcome outcome) {
        commands.computeIfAbsent(outcome, this::commandCounter).increment();
    }

    private Counter commandCounter(Outcome outcome) {
        return Counter.builder("muster.device.commands")
                .description("Commands to devices, by outcome")
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }
}
