package io.muster.loadtest.compare;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of a comparison. An immutable value; the JSON has the names of the components.
 *
 * @param rounds how many were counted
 * @param contests one for each scenario
 */
public record Comparison(int rounds, List<Contest> contests) {

    /**
     * One scenario.
     *
     * @param scenario as it was given
     * @param results of each broker, in the order in which they were given
     */
    public record Contest(String scenario, List<Result> results) {

        /** Copies the list. */
        public Contest {
            results = List.copyOf(results);
        }
    }

    /**
     * One broker in one scenario.
     *
     * @param name of the broker
     * @param figures that are known
     * @param brokenPromises of all rounds
     */
    public record Result(String name, List<Figure> figures, List<String> brokenPromises) {

        /** Copies the lists. */
        public Result {
            figures = List.copyOf(figures);
            brokenPromises = List.copyOf(brokenPromises);
        }
    }

    /**
     * One figure.
     *
     * @param metric what it is
     * @param value over the rounds
     * @param ratio to the first broker, each in the same round; null where that has no such figure
     */
    public record Figure(Metric metric, Spread value, @Nullable Spread ratio) {}

    /** Copies the list. */
    public Comparison {
        contests = List.copyOf(contests);
    }

    /** Whether all brokers kept all promises in all rounds. */
    @JsonProperty
    public boolean allPromisesKept() {
        return contests.stream()
                .flatMap(contest -> contest.results().stream())
                .allMatch(result -> result.brokenPromises().isEmpty());
    }

    /** One JSON object on one line. */
    public String json() {
        try {
            return new ObjectMapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "records of numbers and texts can always be written", e);
        }
    }

    /** For people: medians, and behind them ratios to the first broker with least and most. */
    public String text() {
        StringBuilder text = new StringBuilder(1000);
        for (Contest contest : contests) {
            text.append(contest.scenario()).append(System.lineSeparator());
            contest.results().forEach(result -> append(text, result));
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "medians of %d rounds, least and most; x: ratio to %s in the same round%n",
                        rounds,
                        contests.get(0).results().get(0).name()));
        return text.toString();
    }

    private static void append(StringBuilder text, Result result) {
        for (Figure figure : result.figures()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %-14s %-22s %-36s",
                            result.name(),
                            figure.metric().words(),
                            spread("%.2f", figure.value())));
            if (figure.ratio() != null) {
                text.append(" x ").append(spread("%.2f", figure.ratio()));
            }
            text.append(System.lineSeparator());
        }
        result.brokenPromises()
                .forEach(
                        promise ->
                                text.append(
                                        String.format(
                                                Locale.ROOT,
                                                "  %-14s BROKEN %s%n",
                                                result.name(),
                                                promise)));
    }

    private static String spread(String number, Spread spread) {
        return String.format(
                Locale.ROOT,
                number + " (" + number + "-" + number + ")",
                spread.median(),
                spread.min(),
                spread.max());
    }
}
