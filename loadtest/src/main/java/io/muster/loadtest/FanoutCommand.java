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

/** One device publishes to all subscribers. */
@Command(
        name = "fanout",
        sortOptions = false,
        description = "One device publishes to all subscribers.")
final class FanoutCommand extends ScenarioCommand {

    @Option(
            names = "--devices",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Devices; the first publishes, the others stay connected. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--subscribers",
            defaultValue = "10",
            paramLabel = "M",
            description = "Subscribers. Default: ${DEFAULT-VALUE}")
    private int subscribers;

    @Mixin private TrafficOptions traffic = new TrafficOptions();

    @Override
    Scenario scenario() {
        return traffic.scenario(
                name(),
                Population.of(Topology.FANOUT, devices, subscribers),
                connects().once(),
                demands());
    }

    @Override
    Run run(Bench bench) {
        return new TrafficRun(bench);
    }
}
