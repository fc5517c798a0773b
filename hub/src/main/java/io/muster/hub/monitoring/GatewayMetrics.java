package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.hub.protocol.GatewayListener;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;

/** Counts the devices that are signed in through gateways. Shared. */
public final class GatewayMetrics implements GatewayListener {

    private final Map<Outcome, Counter> signIns = new EnumMap<>(Outcome.class);

    /**
     * Meters in a registry.
     *
     * @param signedIn how many devices are signed in through gateways now
     */
    public GatewayMetrics(MeterRegistry meters, IntSupplier signedIn) {
        for (Outcome outcome : Outcome.values()) {
            signIns.put(
                    outcome,
                    Counter.builder("muster.sub.device.sign.ins")
                            .description("Sign-ins of devices through gateways, by outcome")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        Gauge.builder("muster.sub.devices", signedIn, IntSupplier::getAsInt)
                .description("Devices that are signed in through gateways")
                .strongReference(true)
                .register(meters);
    }

    @Override
    public void signedIn(Outcome outcome) {
        Counter counter = signIns.get(outcome);
        if (counter != null) {
            counter.increment();
        }
    }
}
