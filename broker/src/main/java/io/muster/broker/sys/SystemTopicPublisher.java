package io.muster.broker.sys;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.Totals;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code $SYS} tree: the broker's figures as retained messages, one a topic, as ASCII text. The
 * names are those that Mosquitto made customary; {@code docs/sys-topics.md} says what they mean
 * here. A figure that has not changed since it was last published is not published again.
 *
 * <p>The messages are of QoS 0: a figure that a client misses is followed by a newer one, and no
 * queue is filled with old ones.
 *
 * <p>Confined to one thread at a time.
 */
public final class SystemTopicPublisher {

    private static final Logger log = LoggerFactory.getLogger(SystemTopicPublisher.class);
    private static final String BROKER = "$SYS/broker/";
    private static final double NANOS_PER_MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final String version;
    private final Supplier<Figures> figures;
    private final Consumer<Message> out;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final Map<String, String> published = new HashMap<>();
    private final List<LoadAverages> loads =
            List.of(
                    new LoadAverages(
                            "load/messages/received", f -> f.totals().received().packets()),
                    new LoadAverages("load/messages/sent", f -> f.totals().sent().packets()),
                    new LoadAverages(
                            "load/publish/received", f -> f.totals().received().messages()),
                    new LoadAverages("load/publish/sent", f -> f.totals().sent().messages()),
                    new LoadAverages("load/publish/dropped", f -> f.totals().dropped()),
                    new LoadAverages("load/bytes/received", f -> f.totals().received().bytes()),
                    new LoadAverages("load/bytes/sent", f -> f.totals().sent().bytes()),
                    new LoadAverages("load/sockets", Figures::sockets),
                    new LoadAverages("load/connections", f -> f.totals().connects()));
    private long lastNanos;
    private long clientsMax;
    private long heapMax;

    /**
     * The tree of a broker that starts now.
     *
     * @param version the broker's version
     * @param figures looked at once for each {@link #publish}
     * @param out takes the messages to publish; keeps the order of those to one topic
     */
    public SystemTopicPublisher(String version, Supplier<Figures> figures, Consumer<Message> out) {
        this(version, figures, out, System::nanoTime);
    }

    SystemTopicPublisher(
            String version,
            Supplier<Figures> figures,
            Consumer<Message> out,
            LongSupplier nanoTime) {
        this.version = version;
        this.figures = figures;
        this.out = out;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.lastNanos = startNanos;
    }

    /** Publishes what has changed. To be called at an interval; a failure is logged. */
    public void publish() {
        try {
            Figures now = figures.get();
            showBroker(now);
            showClients(now);
            showTraffic(now.totals());
            showStored(now);
            showLoads(now);
        } catch (RuntimeException failure) {
            // Whoever calls at an interval would stop calling.
            log.error("figures not published topics={}#", BROKER, failure);
        }
    }

    private void showBroker(Figures now) {
        show("version", "muster version " + version);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - startNanos);
        show("uptime", seconds + " seconds");
        heapMax = Math.max(heapMax, now.heapBytes());
        show("heap/current", now.heapBytes());
        show("heap/maximum", heapMax);
    }

    private void showClients(Figures now) {
        long connected = now.totals().clients();
        // Counted one after the other, so a client may be in one count and not yet in the other.
        long total = Math.max(now.sessions(), connected);
        clientsMax = Math.max(clientsMax, connected);
        show("clients/total", total);
        show("clients/maximum", clientsMax);
        show("clients/connected", connected);
        show("clients/active", connected);
        show("clients/disconnected", total - connected);
        show("clients/inactive", total - connected);
        show("clients/expired", now.totals().expiredSessions());
    }

    private void showTraffic(Totals totals) {
        show("messages/received", totals.received().packets());
        show("messages/sent", totals.sent().packets());
        show("bytes/received", totals.received().bytes());
        show("bytes/sent", totals.sent().bytes());
        show("publish/messages/received", totals.received().messages());
        show("publish/messages/sent", totals.sent().messages());
        show("publish/messages/dropped", totals.dropped());
        show("publish/bytes/received", totals.received().payloadBytes());
        show("publish/bytes/sent", totals.sent().payloadBytes());
    }

    private void showStored(Figures now) {
        long stored = now.retainedMessages() + now.totals().queued();
        show("messages/stored", stored);
        show("store/messages/count", stored);
        show("store/messages/bytes", now.retainedBytes());
        show("retained messages/count", now.retainedMessages());
        show("subscriptions/count", now.subscriptions());
        show("shared_subscriptions/count", now.sharedSubscriptions());
    }

    private void showLoads(Figures now) {
        long nanos = nanoTime.getAsLong();
        double minutes = (nanos - lastNanos) / NANOS_PER_MINUTE;
        lastNanos = nanos;
        for (LoadAverages load : loads) {
            if (minutes > 0) {
                load.add(now, minutes);
            }
            load.show(this::show);
        }
    }

    private void show(String topic, long figure) {
        show(topic, Long.toString(figure));
    }

    private void show(String topic, String text) {
        if (text.equals(published.put(topic, text))) {
            return;
        }
        out.accept(
                Message.of(
                        BROKER + topic,
                        Payload.of(text.getBytes(StandardCharsets.US_ASCII)),
                        Qos.AT_MOST_ONCE,
                        true));
    }
}
