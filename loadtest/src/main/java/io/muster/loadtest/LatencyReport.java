package io.muster.loadtest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run, for people and as JSON. An immutable value; the JSON has the names of the
 * components.
 *
 * @param scenario what was done
 * @param window what went through in the measured window
 * @param counts what happened to the messages of the whole run
 * @param connections what happened to the connections
 * @param latency of the messages due in the measured window
 * @param processes what the broker and the load tester used
 * @param errors how often each error happened
 * @param brokenPromises sentences; empty when the broker kept all promises
 */
record LatencyReport(
        Scenario scenario,
        Window window,
        Counts counts,
        Connections connections,
        Latency latency,
        Processes processes,
        Map<String, Long> errors,
        List<String> brokenPromises) {

    private static final double NANOS_PER_MICRO = 1000;
    private static final double BYTES_PER_MEBIBYTE = 1024 * 1024;

    /**
     * The measured window.
     *
     * @param seconds how long it was
     * @param sent messages sent in it
     * @param received messages received in it
     * @param behind open loop: messages that were due and not sent when it ended; their latency is
     *     missing in the percentiles
     */
    record Window(double seconds, long sent, long received, long behind) {

        @JsonProperty
        double sentPerSecond() {
            return seconds > 0 ? sent / seconds : 0;
        }

        @JsonProperty
        double receivedPerSecond() {
            return seconds > 0 ? received / seconds : 0;
        }
    }

    /**
     * Messages of the whole run, warm-up included.
     *
     * @param sent by all publishers
     * @param received by all subscribers, duplicates included
     * @param lost deliveries that never came, of messages that the broker had acknowledged (QoS 0:
     *     of those sent)
     * @param unacknowledged QoS 1 and 2: sent and never acknowledged
     * @param duplicates deliveries that had come before
     * @param outOfOrder deliveries that came after a later message of the same publisher
     * @param misrouted deliveries to a subscriber that had not asked for them
     * @param foreign deliveries of others, which are not counted in any other number
     */
    record Counts(
            long sent,
            long received,
            long lost,
            long unacknowledged,
            long duplicates,
            long outOfOrder,
            long misrouted,
            long foreign) {}

    /**
     * Connections.
     *
     * @param attempted devices and subscribers
     * @param failed refused, not reachable, or refused to subscribe
     * @param lost ended by the broker during the run
     */
    record Connections(long attempted, long failed, long lost) {}

    /**
     * How long messages took, in microseconds.
     *
     * @param meaning what the time is
     * @param samples how many messages it is taken from
     */
    record Latency(
            String meaning,
            long samples,
            double meanMicros,
            double p50Micros,
            double p90Micros,
            double p99Micros,
            double p999Micros,
            double maxMicros) {

        static final String OPEN_LOOP = "from the time each message was due to its receipt";
        static final String CLOSED_LOOP =
                "closed loop: outstanding messages divided by throughput, not the latency of a paced load";

        static Latency of(Histogram nanos, boolean openLoop) {
            boolean empty = nanos.getTotalCount() == 0;
            return new Latency(
                    openLoop ? OPEN_LOOP : CLOSED_LOOP,
                    nanos.getTotalCount(),
                    empty ? 0 : nanos.getMean() / NANOS_PER_MICRO,
                    nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
                    nanos.getValueAtPercentile(90) / NANOS_PER_MICRO,
                    nanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
                    nanos.getValueAtPercentile(99.9) / NANOS_PER_MICRO,
                    nanos.getMaxValue() / NANOS_PER_MICRO);
        }
    }

    /**
     * The processes that took part.
     *
     * @param broker null when it was not looked at
     * @param generator the load tester itself; null when the system does not tell
     */
    record Processes(@Nullable Consumption broker, @Nullable Consumption generator) {}

    /**
     * What one process used.
     *
     * @param cpuSeconds user and system time in the measured window
     * @param cpuMicrosPerReceived the same for each delivered message; null when none was
     * @param residentBytes at the end of the window
     */
    record Consumption(
            double cpuSeconds, @Nullable Double cpuMicrosPerReceived, long residentBytes) {

        /** What was used between two readings; null when one of them is missing. */
        static @Nullable Consumption between(
                LinuxProcess.@Nullable Usage before,
                LinuxProcess.@Nullable Usage after,
                long received) {
            if (before == null || after == null) {
                return null;
            }
            double micros = after.cpuMicros() - before.cpuMicros();
            return new Consumption(
                    micros / 1_000_000,
                    received == 0 ? null : Double.valueOf(micros / received),
                    after.residentBytes());
        }
    }

    /** Copies the collections. */
    LatencyReport {
        errors = Map.copyOf(errors);
        brokenPromises = List.copyOf(brokenPromises);
    }

    /** What a broker must keep, and did not. */
    static List<String> brokenPromises(Scenario scenario, Counts counts, Connections connections) {
        List<String> broken = new ArrayList<>();
        add(broken, connections.failed(), "connections failed");
        add(broken, connections.lost(), "connections were lost");
        add(broken, counts.outOfOrder(), "messages came out of order");
        add(
                broken,
                counts.misrouted(),
                "messages came to a subscriber that had not asked for them");
        if (scenario.qos() >= 1) {
            add(broken, counts.lost(), "messages were lost at QoS " + scenario.qos());
            add(broken, counts.unacknowledged(), "messages were never acknowledged");
        }
        if (scenario.qos() == 2) {
            add(broken, counts.duplicates(), "duplicates came at QoS 2");
        }
        return broken;
    }

    private static void add(List<String> broken, long count, String what) {
        if (count > 0) {
            broken.add(count + " " + what);
        }
    }

    /** Whether the broker kept everything that it must keep. */
    @JsonProperty
    boolean allPromisesKept() {
        return brokenPromises.isEmpty();
    }

    /** One JSON object on one line. */
    String json() {
        try {
            return new ObjectMapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "records of numbers and texts can always be written", e);
        }
    }

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder(1000);
        line(
                text,
                "rates",
                "%.0f sent/s, %.0f received/s over %.1f s",
                window.sentPerSecond(),
                window.receivedPerSecond(),
                window.seconds());
        line(
                text,
                "messages",
                "%d sent, %d received, %d lost, %d unacknowledged (whole run)",
                counts.sent(),
                counts.received(),
                counts.lost(),
                counts.unacknowledged());
        line(
                text,
                "faults",
                "%d duplicates, %d out of order, %d misrouted, %d foreign",
                counts.duplicates(),
                counts.outOfOrder(),
                counts.misrouted(),
                counts.foreign());
        line(
                text,
                "connections",
                "%d attempted, %d failed, %d lost",
                connections.attempted(),
                connections.failed(),
                connections.lost());
        line(
                text,
                "latency",
                "p50 %.0f  p90 %.0f  p99 %.0f  p99.9 %.0f  max %.0f  mean %.0f us",
                latency.p50Micros(),
                latency.p90Micros(),
                latency.p99Micros(),
                latency.p999Micros(),
                latency.maxMicros(),
                latency.meanMicros());
        line(text, "", "%s", "(" + latency.meaning() + ")");
        if (window.behind() > 0) {
            line(
                    text,
                    "behind",
                    "%d messages were due but not sent at the end: the broker does not keep up, and latency is worse than shown",
                    window.behind());
        }
        appendProcess(text, "broker", processes.broker());
        appendProcess(text, "generator", processes.generator());
        errors.forEach((error, count) -> line(text, "error", "%d x %s", count, error));
        brokenPromises.forEach(promise -> line(text, "BROKEN", "%s", promise));
        if (allPromisesKept()) {
            line(text, "promises", "all kept");
        }
        return text.toString();
    }

    private static void appendProcess(
            StringBuilder text, String label, @Nullable Consumption process) {
        if (process == null) {
            return;
        }
        String perMessage =
                process.cpuMicrosPerReceived() == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " (%.2f us per delivered message)",
                                process.cpuMicrosPerReceived());
        line(
                text,
                label,
                "%.2f s CPU in the window%s, %.1f MiB resident",
                process.cpuSeconds(),
                perMessage,
                process.residentBytes() / BYTES_PER_MEBIBYTE);
    }

    private static void line(StringBuilder text, String label, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-12s", label))
                .append(String.format(Locale.ROOT, format, values))
                .append(System.lineSeparator());
    }
}
