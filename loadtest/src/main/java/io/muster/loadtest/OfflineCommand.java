package io.muster.loadtest;

import io.muster.loadtest.options.CrowdOptions;
import io.muster.loadtest.options.MessageOptions;
import io.muster.loadtest.options.PaceOptions;
import io.muster.loadtest.options.PhaseOptions;
import io.muster.loadtest.run.BacklogRun;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.scenario.Scenario;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Subscribers leave, devices publish, and the subscribers come back for it. */
@Command(
        name = "offline",
        sortOptions = false,
        description = "Subscribers leave, devices publish, and the subscribers come back for it.")
final class OfflineCommand extends ScenarioCommand {

    @Mixin private CrowdOptions crowd = new CrowdOptions();

    @Option(
            names = "--messages",
            defaultValue = "100",
            paramLabel = "N",
            description =
                    "Messages of each device while nobody is there. Default: ${DEFAULT-VALUE}")
    private long each;

    @Mixin private PaceOptions pace = new PaceOptions();
    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    @Override
    Scenario scenario() {
        return new Scenario(
                name(),
                crowd.population(),
                connects().once(),
                pace.pace(),
                messages.messages(1).kept(each),
                phases.phases(),
                demands());
    }

    @Override
    Run run(Bench bench) {
        return new BacklogRun(bench, false);
    }
}
