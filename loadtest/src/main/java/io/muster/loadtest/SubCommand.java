package io.muster.loadtest;

import io.muster.loadtest.options.MessageOptions;
import io.muster.loadtest.options.PhaseOptions;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.run.TrafficRun;
import io.muster.loadtest.scenario.Pace;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Rate;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Subscribers hear what other load testers publish, with loadtest pub. */
@Command(
        name = "sub",
        sortOptions = false,
        description = "Subscribers hear what other load testers publish, with loadtest pub.")
final class SubCommand extends ScenarioCommand {

    @Option(
            names = "--subscribers",
            defaultValue = "1",
            paramLabel = "M",
            description = "Subscribers. Default: ${DEFAULT-VALUE}")
    private int subscribers;

    @Option(
            names = "--filter",
            defaultValue = "loadtest/+/load",
            paramLabel = "FILTER",
            description = "What they subscribe to; may be repeated. Default: ${DEFAULT-VALUE}")
    private List<String> filters = List.of();

    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    @Override
    Scenario scenario() {
        return new Scenario(
                name(),
                new Population(Topology.OUTSIDERS, 0, subscribers, filters),
                connects().once(),
                new Pace(Rate.FLAT_OUT, 1),
                messages.messages(0),
                phases.phases(),
                demands());
    }

    @Override
    Run run(Bench bench) {
        return new TrafficRun(bench);
    }
}
