package io.muster.loadtest;

import io.muster.loadtest.options.MessageOptions;
import io.muster.loadtest.options.PhaseOptions;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.ConnectRun;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.scenario.Connects;
import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Rate;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Devices connect, at a rate or as fast as it goes, and stay. */
@Command(
        name = "connect",
        sortOptions = false,
        description = "Devices connect, at a rate or as fast as it goes, and stay.")
final class ConnectCommand extends ScenarioCommand {

    @Option(
            names = "--devices",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(names = "--subscribe", description = "Each device subscribes to its own topic")
    private boolean subscribing;

    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    @Override
    Scenario scenario() {
        return new Scenario(
                name(),
                new Population(Topology.OUTSIDERS, devices, 0, List.of()),
                connects().connects(Connects.AT_ONCE, 1, subscribing),
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
