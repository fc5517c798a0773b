package io.muster.loadtest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws lines as SVG, to stand in an HTML page. Used once, by one thread. */
final class LineChart {

    private static final int WIDTH = 820;
    private static final int HEIGHT = 260;
    private static final int LEFT = 70;
    private static final int RIGHT = 15;
    private static final int TOP = 34;
    private static final int BOTTOM = 34;
    private static final int TICKS = 5;
    private static final int LEGEND_WIDTH = 130;

    /**
     * One line.
     *
     * @param name in the legend
     * @param points from left to right
     */
    record Series(String name, List<Point> points) {}

    /** One point of a line. */
    record Point(double x, double y) {}

    /** A mark on an axis. */
    record Tick(double at, String label) {}

    private final String title;
    private final boolean logarithmic;
    private final List<Series> series;
    private final List<Tick> xTicks;
    private final StringBuilder svg = new StringBuilder(4000);
    private double xMax = 1;
    private double yMin;
    private double yMax = 1;

    /**
     * Makes a chart.
     *
     * @param logarithmic whether the vertical axis grows by powers of ten; what is not above 0 is
     *     left out then
     * @param xTicks marks of the horizontal axis; empty for round numbers
     */
    LineChart(String title, boolean logarithmic, List<Series> series, List<Tick> xTicks) {
        this.title = title;
        this.logarithmic = logarithmic;
        this.series = logarithmic ? series.stream().map(LineChart::aboveZero).toList() : series;
        this.xTicks = xTicks;
    }

    private static Series aboveZero(Series each) {
        return new Series(each.name(), each.points().stream().filter(p -> p.y() > 0).toList());
    }

    /** Whether there is anything to draw. */
    boolean empty() {
        return series.stream().allMatch(each -> each.points().size() < 2);
    }

    String svg() {
        findBounds();
        add("<svg viewBox=\"0 0 %d %d\" role=\"img\">", WIDTH, HEIGHT);
        add("<text class=\"title\" x=\"%d\" y=\"16\">%s</text>", LEFT, Html.escape(title));
        yTicks().forEach(this::addHorizontal);
        (xTicks.isEmpty() ? linearTicks(0, xMax) : xTicks).forEach(this::addVertical);
        for (int i = 0; i < series.size(); i++) {
            addSeries(i);
        }
        return svg.append("</svg>").toString();
    }

    private void findBounds() {
        List<Point> all = series.stream().flatMap(each -> each.points().stream()).toList();
        xMax = all.stream().mapToDouble(Point::x).max().orElse(1);
        double high = all.stream().mapToDouble(Point::y).max().orElse(1);
        double low = all.stream().mapToDouble(Point::y).min().orElse(1);
        yMin = logarithmic ? Math.floor(Math.log10(low)) : 0;
        yMax = logarithmic ? Math.ceil(Math.log10(high)) : high;
        if (yMax <= yMin) {
            yMax = yMin + 1;
        }
        if (xMax <= 0) {
            xMax = 1;
        }
    }

    private List<Tick> yTicks() {
        if (!logarithmic) {
            return linearTicks(0, yMax);
        }
        List<Tick> ticks = new ArrayList<>();
        for (int power = (int) yMin; power <= yMax; power++) {
            ticks.add(new Tick(power, number(Math.pow(10, power))));
        }
        return ticks;
    }

    /** Round numbers: 1, 2 or 5 times a power of ten apart. */
    private static List<Tick> linearTicks(double from, double to) {
        double rough = (to - from) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : 2);
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; from + i * step <= to; i++) {
            ticks.add(new Tick(from + i * step, number(from + i * step)));
        }
        return ticks;
    }

    private void addHorizontal(Tick tick) {
        double y = y(tick.at());
        add(
                "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
                LEFT, y, WIDTH - RIGHT, y);
        add(
                "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                LEFT - 6, y + 4, Html.escape(tick.label()));
    }

    private void addVertical(Tick tick) {
        double x = x(tick.at());
        add(
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                x, TOP, x, HEIGHT - BOTTOM);
        add(
                "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                x, HEIGHT - BOTTOM + 16, Html.escape(tick.label()));
    }

    private void addSeries(int index) {
        Series each = series.get(index);
        svg.append("<polyline class=\"s").append(index).append("\" points=\"");
        for (Point point : each.points()) {
            add("%.1f,%.1f ", x(point.x()), y(logarithmic ? Math.log10(point.y()) : point.y()));
        }
        svg.append("\"/>");
        add(
                "<text class=\"t%d\" x=\"%d\" y=\"16\" text-anchor=\"end\">%s</text>",
                index,
                WIDTH - RIGHT - (series.size() - 1 - index) * LEGEND_WIDTH,
                Html.escape(each.name()));
    }

    private double x(double value) {
        return LEFT + value / xMax * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (value - yMin) / (yMax - yMin) * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return value >= 1_000_000
                ? String.format(Locale.ROOT, "%.4gM", value / 1_000_000).replaceAll("\\.?0+M", "M")
                : String.format(Locale.ROOT, "%.6f", value).replaceAll("\\.?0+$", "");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
