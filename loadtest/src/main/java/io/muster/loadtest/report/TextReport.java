package io.muster.loadtest.report;

import io.muster.loadtest.report.Processes.Consumption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for people, one fact a line. Used once, by one thread. */
final class TextReport {

    private static final double BYTES_PER_MEBIBYTE = 1024 * 1024;

    private final StringBuilder text = new StringBuilder(1000);
    private final Report report;

    TextReport(Report report) {
        this.report = report;
    }

    String text() {
        if (report.window().operation() != Report.Operation.CONNECTION) {
            addMessages();
        }
        addConnections();
        addLatency("latency", report.latency());
        if (report.window().behind() > 0) {
            line(
                    "behind",
                    "%d messages were due but not sent at the end: the broker does not keep up, and latency is worse than shown",
                    report.window().behind());
        }
        addProcess("broker", report.processes().broker());
        addProcess("generator", report.processes().generator());
        report.verdict().errors().forEach((error, count) -> line("error", "%d x %s", count, error));
        report.verdict().brokenPromises().forEach(promise -> line("BROKEN", "%s", promise));
        if (report.allPromisesKept()) {
            line("promises", "all kept");
        }
        return text.toString();
    }

    private void addMessages() {
        Report.Window window = report.window();
        line(
                "rates",
                "%.0f sent/s, %.0f received/s over %.1f s",
                window.sentPerSecond(),
                window.receivedPerSecond(),
                window.seconds());
        Counts counts = report.counts();
        line(
                "messages",
                "%d sent, %d received, %d lost, %d unacknowledged (whole run)",
                counts.sent(),
                counts.received(),
                counts.lost(),
                counts.unacknowledged());
        Counts.Faults faults = counts.faults();
        line(
                "faults",
                "%d duplicates, %d out of order, %d misrouted, %d unflagged, %d foreign",
                faults.duplicates(),
                faults.outOfOrder(),
                faults.misrouted(),
                faults.unflagged(),
                faults.foreign());
    }

    private void addConnections() {
        Connections connections = report.connections();
        line(
                "connections",
                "%d attempted, %d failed, %d lost, %d forgotten; %.0f/s, all in after %.2f s",
                connections.attempted(),
                connections.failed(),
                connections.lost(),
                connections.forgotten(),
                connections.perSecond(),
                connections.slowestSeconds());
    }

    private void addLatency(String label, Latency latency) {
        if (latency.samples() == 0) {
            return;
        }
        line(
                label,
                "p50 %.0f  p90 %.0f  p99 %.0f  p99.9 %.0f  max %.0f  mean %.0f us",
                latency.p50Micros(),
                latency.p90Micros(),
                latency.p99Micros(),
                latency.p999Micros(),
                latency.maxMicros(),
                latency.meanMicros());
        line("", "%s", "(" + latency.meaning() + ")");
    }

    private void addProcess(String label, @Nullable Consumption process) {
        if (process == null) {
            return;
        }
        String each =
                process.cpuMicrosPerOperation() == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " (%.2f us per %s)",
                                process.cpuMicrosPerOperation(),
                                report.window().operation().words());
        line(
                label,
                "%.2f s CPU in the window%s, %.1f MiB resident",
                process.cpuSeconds(),
                each,
                process.residentBytes() / BYTES_PER_MEBIBYTE);
    }

    private void line(String label, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-12s", label))
                .append(String.format(Locale.ROOT, format, values))
                .append(System.lineSeparator());
    }
}
