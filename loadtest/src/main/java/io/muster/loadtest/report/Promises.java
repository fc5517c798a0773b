package io.muster.loadtest.report;

import io.muster.loadtest.scenario.Demands;
import io.muster.loadtest.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a broker must keep: what MQTT promises, and what was asked beyond. */
final class Promises {

    private static final double MICROS_PER_MILLI = 1000;

    private Promises() {}

    /** What was not kept, in sentences. */
    static List<String> broken(
            Scenario scenario, Counts counts, Connections connections, Latency latency) {
        List<String> broken = new ArrayList<>();
        add(broken, connections.failed(), "connections failed");
        add(broken, connections.lost(), "connections were lost");
        add(broken, connections.forgotten(), "sessions were forgotten");
        Counts.Faults faults = counts.faults();
        add(broken, faults.outOfOrder(), "messages came out of order");
        add(
                broken,
                faults.misrouted(),
                "messages came to a subscriber that had not asked for them");
        add(broken, faults.unflagged(), "retained messages came without the retain flag");
        int qos = scenario.messages().qos();
        if (qos >= 1) {
            add(broken, counts.lost(), "messages were lost at QoS " + qos);
            add(broken, counts.unacknowledged(), "messages were never acknowledged");
        }
        if (qos == 2) {
            add(broken, faults.duplicates(), "duplicates came at QoS 2");
        }
        addDemands(broken, scenario.demands(), connections, latency);
        return broken;
    }

    private static void addDemands(
            List<String> broken, Demands demands, Connections connections, Latency latency) {
        if (demands.p99Millis() != null && latency.samples() == 0) {
            broken.add("no latency was measured, which --max-p99 asks for");
        }
        double p99Millis = latency.p99Micros() / MICROS_PER_MILLI;
        if (demands.p99Millis() != null && p99Millis > demands.p99Millis()) {
            broken.add(
                    String.format(
                            Locale.ROOT,
                            "p99 was %.2f ms, more than --max-p99 %s",
                            p99Millis,
                            demands.p99Millis()));
        }
        if (demands.withinSeconds() != null
                && connections.slowestSeconds() > demands.withinSeconds()) {
            broken.add(
                    String.format(
                            Locale.ROOT,
                            "it took %.2f s until all were in, more than --within %s",
                            connections.slowestSeconds(),
                            demands.withinSeconds()));
        }
    }

    private static void add(List<String> broken, long count, String what) {
        if (count > 0) {
            broken.add(count + " " + what);
        }
    }
}
