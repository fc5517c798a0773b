package io.muster.loadtest;

import io.muster.loadtest.options.CrowdOptions;
import io.muster.loadtest.options.TrafficOptions;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.run.TrafficRun;
import io.muster.loadtest.scenario.Scenario;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Devices publish to subscribers, in pairs or many to few. */
@Command(
        name = "pubsub",
        sortOptions = false,
        description = "Devices publish to subscribers: in pairs, or many to few.")
final class PubSubCommand extends ScenarioCommand {

    @Mixin private CrowdOptions crowd = new CrowdOptions();
    @Mixin private TrafficOptions traffic = new TrafficOptions();

    @Override
    Scenario scenario() {
        return traffic.scenario(name(), crowd.population(), connects().once(), demands());
    }

    @Override
    Run run(Bench bench) {
        return new TrafficRun(bench);
    }
}
