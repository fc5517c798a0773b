package io.muster.loadtest.compare;

import io.muster.loadtest.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the reports of a comparison. Confined to the thread that runs it. */
public final class Rounds {

    /** By scenario, then by broker: a report a round. */
    private final Map<String, Map<String, List<Report>>> reports = new LinkedHashMap<>();

    private final List<String> names;

    /**
     * Begins a comparison.
     *
     * @param scenarios in the order of the results
     * @param rivals in the order of the results; others are compared with the first
     */
    public Rounds(List<String> scenarios, List<Rival> rivals) {
        this.names = rivals.stream().map(Rival::name).toList();
        for (String scenario : scenarios) {
            Map<String, List<Report>> ofRivals = new LinkedHashMap<>();
            names.forEach(name -> ofRivals.put(name, new ArrayList<>()));
            reports.put(scenario, ofRivals);
        }
    }

    /** Takes one round of a scenario, with a report of each broker in their order. */
    public void add(String scenario, List<Report> ofRivals) {
        for (int i = 0; i < names.size(); i++) {
            reportsOf(scenario, names.get(i)).add(ofRivals.get(i));
        }
    }

    private List<Report> reportsOf(String scenario, String name) {
        return reports.getOrDefault(scenario, Map.of()).getOrDefault(name, List.of());
    }

    /** Sums up what there is; scenarios without a round are left out. */
    public Comparison comparison() {
        List<Comparison.Contest> contests = new ArrayList<>();
        int rounds = 0;
        for (String scenario : reports.keySet()) {
            List<Report> first = reportsOf(scenario, names.get(0));
            if (!first.isEmpty()) {
                rounds = Math.max(rounds, first.size());
                contests.add(
                        new Comparison.Contest(
                                scenario,
                                names.stream()
                                        .map(name -> result(name, first, reportsOf(scenario, name)))
                                        .toList()));
            }
        }
        return new Comparison(rounds, contests);
    }

    private static Comparison.Result result(String name, List<Report> first, List<Report> own) {
        List<Comparison.Figure> figures = new ArrayList<>();
        for (Metric metric : Metric.values()) {
            Spread value = Spread.of(own.stream().map(metric::of).filter(v -> v != null).toList());
            if (value != null) {
                figures.add(
                        new Comparison.Figure(
                                metric, value, own == first ? null : ratio(metric, first, own)));
            }
        }
        return new Comparison.Result(
                name,
                figures,
                own.stream()
                        .flatMap(report -> report.verdict().brokenPromises().stream())
                        .toList());
    }

    private static @Nullable Spread ratio(Metric metric, List<Report> first, List<Report> own) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < own.size(); round++) {
            Double mine = metric.of(own.get(round));
            Double theirs = metric.of(first.get(round));
            if (mine != null && theirs != null && theirs > 0) {
                ratios.add(mine / theirs);
            }
        }
        return Spread.of(ratios);
    }
}
