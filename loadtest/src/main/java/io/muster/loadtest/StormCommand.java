package io.muster.loadtest;

import io.muster.loadtest.options.MessageOptions;
import io.muster.loadtest.options.PhaseOptions;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.ConnectRun;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Rate;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All devices connect at once, are disconnected at once, and come back. */
@Command(
        name = "storm",
        sortOptions = false,
        description = "All devices connect at once, are disconnected at once, and come back.")
final class StormCommand extends ScenarioCommand {

    @Option(
            names = "--devices",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            paramLabel = "N",
            description = "How often all connect. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    @Override
    Scenario scenario() {
        return new Scenario(
                name(),
                new Population(Topology.OUTSIDERS, devices, 0, List.of()),
                connects().connects(Math.max(1, devices), rounds, false),
                new Pace(Rate.FLAT_OUT, 1),
                messages.messages(0),
                phases.phases(),
                demands());
    }

    @Override
    Run run(Bench bench) {
        return new ConnectRun(bench);
    }
}
