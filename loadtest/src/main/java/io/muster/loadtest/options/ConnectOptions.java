package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Connects;
import io.muster.loadtest.scenario.Rate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How connections are opened. Confined to the thread that runs the command. */
public final class ConnectOptions {

    @Option(
            names = "--connect-rate",
            defaultValue = "0",
            paramLabel = "R",
            description =
                    "Connections a second, at times fixed in advance; 0: as fast as the broker "
                            + "answers. Default: ${DEFAULT-VALUE}")
    private long rate;

    @Option(
            names = "--connect-ramp",
            defaultValue = "0",
            paramLabel = "S",
            description =
                    "Seconds in which that rate is reached, from 0. Default: ${DEFAULT-VALUE}")
    private double rampSeconds;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            description = "Connections that may be under way. Default: 100; all in a storm")
    private @Nullable Integer atOnce;

    /** Connects once. */
    public Connects once() {
        return connects(Connects.AT_ONCE, 1, false);
    }

    /** What the options ask for. */
    public Connects connects(int atOnceByDefault, int rounds, boolean subscribing) {
        return new Connects(
                Rate.of("--connect-rate", rate, "--connect-ramp", rampSeconds),
                atOnce == null ? atOnceByDefault : atOnce,
                rounds,
                subscribing);
    }
}
