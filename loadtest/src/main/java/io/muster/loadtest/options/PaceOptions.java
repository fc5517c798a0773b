package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Rate;
import picocli.CommandLine.Option;

/** How fast messages are sent. Confined to the thread that runs the command. */
public final class PaceOptions {

    @Option(
            names = "--rate",
            defaultValue = "0",
            paramLabel = "R",
            description =
                    "Messages a second of all devices together (open loop); 0: flat out "
                            + "(closed loop). Default: ${DEFAULT-VALUE}")
    private long rate;

    @Option(
            names = "--ramp",
            defaultValue = "0",
            paramLabel = "S",
            description =
                    "Seconds before the warm-up in which that rate is reached, from 0. "
                            + "Default: ${DEFAULT-VALUE}")
    private double rampSeconds;

    @Option(
            names = "--window",
            defaultValue = "50",
            paramLabel = "W",
            description =
                    "Messages outstanding per device. Flat out: not yet acknowledged "
                            + "and delivered; at a rate: not yet acknowledged. Default: "
                            + "${DEFAULT-VALUE}")
    private int window;

    /** What the options ask for. */
    public Pace pace() {
        return new Pace(Rate.of("--rate", rate, "--ramp", rampSeconds), window);
    }
}
