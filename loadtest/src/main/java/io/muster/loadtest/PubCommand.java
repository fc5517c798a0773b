package io.muster.loadtest;

import io.muster.loadtest.options.TrafficOptions;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.run.TrafficRun;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Scenario;
import io.muster.loadtest.scenario.Topology;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Devices publish, and nobody here subscribes. */
@Command(
        name = "pub",
        sortOptions = false,
        description = "Devices publish, and nobody here subscribes.")
final class PubCommand extends ScenarioCommand {

    @Option(
            names = "--devices",
            defaultValue = "10",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Mixin private TrafficOptions traffic = new TrafficOptions();

    @Override
    Scenario scenario() {
        return traffic.scenario(
                name(), Population.of(Topology.P2P, devices, 0), connects().once(), demands());
    }

    @Override
    Run run(Bench bench) {
        return new TrafficRun(bench);
    }
}
