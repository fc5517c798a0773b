package io.muster.loadtest;

import io.muster.loadtest.options.MessageOptions;
import io.muster.loadtest.options.PaceOptions;
import io.muster.loadtest.options.PhaseOptions;
import io.muster.loadtest.run.BacklogRun;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Devices leave retained messages, and subscribers come for all of them. */
@Command(
        name = "retained",
        sortOptions = false,
        description = "Devices leave retained messages, and subscribers come for all of them.")
final class RetainedCommand extends ScenarioCommand {

    @Option(
            names = "--devices",
            defaultValue = "10",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--subscribers",
            defaultValue = "1",
            paramLabel = "M",
            description = "Subscribers, each to everything. Default: ${DEFAULT-VALUE}")
    private int subscribers;

    @Option(
            names = "--messages",
            defaultValue = "100",
            paramLabel = "N",
            description =
                    "Topics of each device, with a retained message on each. Default: ${DEFAULT-VALUE}")
    private long each;

    @Mixin private PaceOptions pace = new PaceOptions();
    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    @Override
    Scenario scenario() {
        return new Scenario(
                name(),
                Population.of(Topology.FANIN, devices, subscribers),
                connects().once(),
                pace.pace(),
                messages.messages(1).kept(each),
                phases.phases(),
                demands());
    }

    @Override
    Run run(Bench bench) {
        return new BacklogRun(bench, true);
    }
}
