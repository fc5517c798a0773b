package io.muster.loadtest.options;

import io.muster.loadtest.scenario.Connects;
import io.muster.loadtest.scenario.Demands;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Scenario;
import picocli.CommandLine.Mixin;

/** Messages that flow for a time. Confined to the thread that runs the command. */
public final class TrafficOptions {

    @Mixin private PaceOptions pace = new PaceOptions();
    @Mixin private MessageOptions messages = new MessageOptions();
    @Mixin private PhaseOptions phases = new PhaseOptions();

    /** What the options ask for. */
    public Scenario scenario(
            String name, Population population, Connects connects, Demands demands) {
        return new Scenario(
                name,
                population,
                connects,
                pace.pace(),
                messages.messages(0),
                phases.phases(),
                demands);
    }
}
