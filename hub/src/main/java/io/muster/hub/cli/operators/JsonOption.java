package io.muster.hub.cli.operators;

import io.muster.hub.cli.output.Output;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** For whom answers are printed. Confined to the main thread. */
final class JsonOption {

    @Option(names = "--json", description = "Prints JSON, for machines.")
    private boolean json;

    // Set by picocli before any command runs.
    @SuppressWarnings("NullAway.Init")
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    Output output() {
        return new Output(command.commandLine().getOut(), json);
    }
}
