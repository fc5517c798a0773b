package io.muster.hub.cli;

import io.muster.hub.cli.operators.Root;
import io.muster.hub.cli.output.Output;
import io.muster.hub.cli.output.RevisionOption;
import io.muster.hub.client.ManagementClient;
import io.muster.hub.config.Configuration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands have in common that speak to a running hub. Confined to the main thread. */
final class ApiOptions {

    @Option(names = "--json", description = "Prints JSON, for machines.")
    private boolean json;

    // Set by picocli before any command runs.
    @SuppressWarnings("NullAway.Init")
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** A client of the hub that the configuration describes. */
    ManagementClient client() {
        return root().client();
    }

    /** The same, for changes of what must have a revision. */
    ManagementClient client(RevisionOption revision) {
        return client().ifMatch(revision.revision());
    }

    Configuration configuration() {
        return root().configuration();
    }

    Root root() {
        return (Root) command.root().userObject();
    }

    CommandSpec command() {
        return command;
    }

    Output output() {
        return new Output(command.commandLine().getOut(), json);
    }
}
