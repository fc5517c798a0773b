package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Phases;
import picocli.CommandLine.Option;

/** For how long. Confined to the thread that runs the command. */
public final class PhaseOptions {

    @Option(
            names = "--duration",
            defaultValue = "10",
            paramLabel = "S",
            description = "Seconds that are measured, or held. Default: ${DEFAULT-VALUE}")
    private double durationSeconds;

    @Option(
            names = "--warmup",
            defaultValue = "2",
            paramLabel = "S",
            description = "Seconds of load before. Default: ${DEFAULT-VALUE}")
    private double warmupSeconds;

    @Option(
            names = "--patience",
            defaultValue = "2",
            paramLabel = "S",
            description =
                    "Seconds without any arrival after which what is outstanding counts as "
                            + "lost. Default: ${DEFAULT-VALUE}")
    private double patienceSeconds;

    /** What the options ask for. */
    public Phases phases() {
        return new Phases(warmupSeconds, durationSeconds, patienceSeconds);
    }
}
