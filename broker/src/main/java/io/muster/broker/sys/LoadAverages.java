package io.muster.broker.sys;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/** The load averages of one figure over 1, 5 and 15 minutes. Confined to one thread. */
final class LoadAverages {

    private final String topic;
    private final ToLongFunction<Figures> count;
    private final Map<String, LoadAverage> averages = new LinkedHashMap<>();
    private long before;

    /**
     * Loads that begin with nothing.
     *
     * @param topic where they are shown, less the window
     * @param count what grows, from zero
     */
    LoadAverages(String topic, ToLongFunction<Figures> count) {
        this.topic = topic;
        this.count = count;
        averages.put("1min", new LoadAverage(1));
        averages.put("5min", new LoadAverage(5));
        averages.put("15min", new LoadAverage(15));
    }

    /**
     * Takes in the figures.
     *
     * @param minutes since they were last taken in, more than zero
     */
    void add(Figures figures, double minutes) {
        long now = count.applyAsLong(figures);
        averages.values().forEach(average -> average.add(now - before, minutes));
        before = now;
    }

    /** Shows each average: its topic, and its text with two decimals. */
    void show(BiConsumer<String, String> display) {
        averages.forEach(
                (window, average) ->
                        display.accept(
                                topic + "/" + window,
                                String.format(Locale.ROOT, "%.2f", average.perMinute())));
    }
}
