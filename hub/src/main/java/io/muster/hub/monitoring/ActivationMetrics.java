package io.muster.hub.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.secret.ActivationListener;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts devices that fetch their secret. Shared. */
public final class ActivationMetrics implements ActivationListener {

    private final Map<Event, Counter> events = new EnumMap<>(Event.class);
    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);

    /** Counters in a registry, all of them from the start. */
    public ActivationMetrics(MeterRegistry meters) {
        for (Event event : Event.values()) {
            events.put(
                    event,
                    Counter.builder("muster.activation.events")
                            .description("What happened when devices fetched their secret")
                            .tag("event", event.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        for (Refusal reason : Refusal.values()) {
            refusals.put(
                    reason,
                    Counter.builder("muster.activation.refusals")
                            .description("Devices that may not fetch their secret, by reason")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
    }

    @Override
    public void happened(Event event) {
        Objects.requireNonNull(events.get(event)).increment();
    }

    @Override
    public void refused(Refusal reason) {
        Objects.requireNonNull(refusals.get(reason)).increment();
    }
}
