package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Demands;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is asked of the broker beyond MQTT. Confined to the thread that runs the command. */
public final class DemandOptions {

    @Option(
            names = "--max-p99",
            paramLabel = "MS",
            description = "A promise more: 99 of 100 latencies are at most so many milliseconds")
    private @Nullable Double p99Millis;

    @Option(
            names = "--within",
            paramLabel = "S",
            description = "A promise more: all connections are there after so many seconds")
    private @Nullable Double withinSeconds;

    /** What the options ask for. */
    public Demands demands() {
        return new Demands(p99Millis, withinSeconds);
    }
}
