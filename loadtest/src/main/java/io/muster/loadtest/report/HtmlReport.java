package io.muster.loadtest.report;

import io.muster.loadtest.report.LineChart.Point;
import io.muster.loadtest.report.LineChart.Series;
import io.muster.loadtest.report.LineChart.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A report as one HTML page with plots, which loads nothing and runs no script. Used once, by one
 * thread.
 */
final class HtmlReport {

    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>%1$s</title>
            <style>
            body { font: 15px/1.4 sans-serif; max-width: 860px; margin: 2em auto; color: #222; background: #fff }
            pre { background: #f4f4f4; padding: 1em; overflow-x: auto }
            svg { width: 100%%; margin-top: 1em } svg text { font: 12px sans-serif }
            .title { font-weight: bold; fill: #222 } .tick { fill: #666 } .grid { stroke: #ddd }
            polyline { fill: none; stroke-width: 1.6 } .kept { color: #176f2c } .broken { color: #b3261e }
            .s0 { stroke: #1f5fbf } .s1 { stroke: #c0561b } .s2 { stroke: #2e7d32 }
            .t0 { fill: #1f5fbf } .t1 { fill: #c0561b } .t2 { fill: #2e7d32 }
            </style></head><body>
            <h1>%1$s</h1>
            """;

    /** How many nines the axis of the distribution has at most. */
    private static final int NINES = 5;

    private static final double MICROS_PER_MILLI = 1000;

    private final StringBuilder page = new StringBuilder(30_000);
    private final Report report;

    HtmlReport(Report report) {
        this.report = report;
    }

    String page() {
        page.append(HEAD.formatted(Html.escape("Load test: " + report.scenario().name())));
        page.append(
                report.allPromisesKept()
                        ? "<p class=\"kept\">All promises were kept.</p>"
                        : "<p class=\"broken\">Promises were broken.</p>");
        page.append("<pre>").append(Html.escape(report.text())).append("</pre>\n");
        add(
                "Messages a second, by seconds",
                false,
                line("sent", second -> second.flow().sent()),
                line("received", second -> second.flow().received()));
        add(
                "Latency in milliseconds, by seconds",
                true,
                line("p50", second -> second.latency().p50Micros() / MICROS_PER_MILLI),
                line("p99", second -> second.latency().p99Micros() / MICROS_PER_MILLI),
                line("max", second -> second.latency().maxMicros() / MICROS_PER_MILLI));
        add(distribution());
        add("Connections, by seconds", false, line("connected", Second::connected));
        add(
                "Connections opened a second, by seconds",
                false,
                line("opened", second -> second.flow().opened()));
        add("Processors in use, by seconds", false, processors());
        return page.append("</body></html>\n").toString();
    }

    private Series[] processors() {
        Series generator = line("generator", second -> known(second.cpu().generator()));
        return report.processes().broker() == null
                ? new Series[] {generator}
                : new Series[] {generator, line("broker", second -> known(second.cpu().broker()))};
    }

    private static double known(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    private Series line(String name, ToDoubleFunction<Second> value) {
        return new Series(
                name,
                report.seconds().stream()
                        .map(each -> new Point(each.atSeconds(), value.applyAsDouble(each)))
                        .toList());
    }

    /** So many nines to the right, so long upwards. */
    private LineChart distribution() {
        List<Point> points = new ArrayList<>();
        for (Latency.Quantile quantile : report.latency().distribution()) {
            if (quantile.percentile() < 100) {
                points.add(
                        new Point(
                                -Math.log10(1 - quantile.percentile() / 100),
                                quantile.micros() / MICROS_PER_MILLI));
            }
        }
        List<Tick> ticks = new ArrayList<>(List.of(new Tick(0, "0 %"), new Tick(1, "90 %")));
        for (int nines = 2; nines <= NINES; nines++) {
            String fraction = nines == 2 ? "" : "." + "9".repeat(nines - 2);
            ticks.add(new Tick(nines, "99" + fraction + " %"));
        }
        return new LineChart(
                "Latency in milliseconds, by percentile",
                true,
                List.of(new Series("at most", points)),
                ticks);
    }

    private void add(String title, boolean logarithmic, Series... series) {
        add(new LineChart(title, logarithmic, List.of(series), List.of()));
    }

    private void add(LineChart chart) {
        if (!chart.empty()) {
            page.append(chart.svg()).append('\n');
        }
    }
}
