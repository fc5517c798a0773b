package io.muster.broker.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The broker's meters. Hot paths count in {@link LoopCounters}; the sums are made when somebody
 * looks. Names and meanings are in {@code docs/metrics.md}.
 */
public final class BrokerMetrics implements Refusals {

    private static final int QOS_LEVELS = 3;

    /** The tags of the packet types that a client may send, by the number of the type. */
    private static final Map<Integer, String> RECEIVED_TYPES =
            Map.ofEntries(
                    Map.entry(1, "connect"),
                    Map.entry(3, "publish"),
                    Map.entry(4, "puback"),
                    Map.entry(5, "pubrec"),
                    Map.entry(6, "pubrel"),
                    Map.entry(7, "pubcomp"),
                    Map.entry(8, "subscribe"),
                    Map.entry(10, "unsubscribe"),
                    Map.entry(12, "pingreq"),
                    Map.entry(14, "disconnect"),
                    Map.entry(15, "auth"));

    /** The tags of the packet types that the broker may send. */
    private static final Map<Integer, String> SENT_TYPES =
            Map.ofEntries(
                    Map.entry(2, "connack"),
                    Map.entry(3, "publish"),
                    Map.entry(4, "puback"),
                    Map.entry(5, "pubrec"),
                    Map.entry(6, "pubrel"),
                    Map.entry(7, "pubcomp"),
                    Map.entry(9, "suback"),
                    Map.entry(11, "unsuback"),
                    Map.entry(13, "pingresp"),
                    Map.entry(14, "disconnect"),
                    Map.entry(15, "auth"));

    private static final String VIOLATIONS = "muster.protocol.violations";
    private static final String NOT_SUBSCRIBED = "muster.subscriptions.refused";
    private static final String REASON = "reason";

    /** What a client can break is one of these first of all, so they are there from the start. */
    private static final List<String> COMMON_VIOLATIONS =
            List.of("malformed_packet", "protocol_error");

    private final MeterRegistry meters;
    private final List<LoopCounters> loops;

    /** Registers what the loops count. */
    public BrokerMetrics(MeterRegistry meters, List<LoopCounters> loops) {
        this.meters = meters;
        this.loops = List.copyOf(loops);
        for (int qos = 0; qos < QOS_LEVELS; qos++) {
            registerTraffic(qos);
        }
        registerPackets();
        meters.counter(NOT_SUBSCRIBED, REASON, "not_authorized");
        COMMON_VIOLATIONS.forEach(reason -> meters.counter(VIOLATIONS, REASON, reason));
        for (DropReason reason : DropReason.values()) {
            if (reason != DropReason.RETAINED_FULL) {
                counter(
                        "muster.messages.dropped",
                        Tags.of(REASON, reason.name().toLowerCase(Locale.ROOT)),
                        loop -> loop.droppedTotal(reason));
            }
        }
        for (Limit limit : Limit.values()) {
            counter(
                    "muster.limited",
                    Tags.of("limit", limit.name().toLowerCase(Locale.ROOT)),
                    loop -> loop.limitedTotal(limit));
        }
        counter("muster.take.overs", Tags.empty(), loop -> loop.takenOver().get());
        counter("muster.stalled.clients", Tags.empty(), loop -> loop.stalled().get());
        gauge(
                "muster.held.publishers",
                "Publishers that wait until they may go on.",
                () -> sum(loop -> loop.held().get()));
        gauge("muster.clients", "Signed-in clients.", () -> sum(loop -> loop.connections().get()));
        gauge(
                "muster.queued.messages",
                "Messages waiting in sessions.",
                () -> sum(loop -> loop.queued().get()));
    }

    private void registerPackets() {
        RECEIVED_TYPES.forEach(
                (type, name) ->
                        counter(
                                "muster.packets",
                                Tags.of("direction", "received", "type", name),
                                loop -> loop.packetsReceived(type)));
        SENT_TYPES.forEach(
                (type, name) ->
                        counter(
                                "muster.packets",
                                Tags.of("direction", "sent", "type", name),
                                loop -> loop.packetsSent(type)));
        counter("muster.bytes", Tags.of("direction", "received"), loop -> loop.bytesReceived());
        counter("muster.bytes", Tags.of("direction", "sent"), loop -> loop.bytesSent());
    }

    private void registerTraffic(int qos) {
        Tags received = Tags.of("direction", "received", "qos", Integer.toString(qos));
        Tags sent = Tags.of("direction", "sent", "qos", Integer.toString(qos));
        counter("muster.messages", received, loop -> loop.messagesReceived(qos));
        counter("muster.messages", sent, loop -> loop.messagesSent(qos));
        counter("muster.message.bytes", received, loop -> loop.payloadBytesReceived(qos));
        counter("muster.message.bytes", sent, loop -> loop.payloadBytesSent(qos));
    }

    private void counter(String name, Tags tags, ToLongFunction<LoopCounters> count) {
        FunctionCounter.builder(name, this, metrics -> metrics.sum(count))
                .tags(tags)
                .register(meters);
    }

    private long sum(ToLongFunction<LoopCounters> count) {
        return loops.stream().mapToLong(count).sum();
    }

    /** Registers a gauge of something that the broker knows. */
    public void gauge(String name, String description, Supplier<Number> value) {
        gauge(name, description, Tags.empty(), value);
    }

    /** Registers a gauge with tags. */
    public void gauge(String name, String description, Tags tags, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tags(tags).register(meters);
    }

    /** Registers the count of retained messages that found no room. */
    public void retainedRefused(Supplier<Number> count) {
        // The registry holds what it is given weakly, so that is the metrics and not the supplier.
        FunctionCounter.builder(
                        "muster.messages.dropped", this, metrics -> count.get().doubleValue())
                .tags(REASON, DropReason.RETAINED_FULL.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    @Override
    public void refused(String reason) {
        meters.counter("muster.connects.refused", REASON, reason.toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void violated(String reason) {
        meters.counter(VIOLATIONS, REASON, reason.toLowerCase(Locale.ROOT)).increment();
    }

    @Override
    public void notSubscribed(String reason) {
        meters.counter(NOT_SUBSCRIBED, REASON, reason.toLowerCase(Locale.ROOT)).increment();
    }
}
