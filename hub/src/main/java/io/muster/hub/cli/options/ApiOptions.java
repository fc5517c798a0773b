package io.muster.hub.cli.options;

import io.muster.hub.cli.output.Output;
import io.muster.hub.client.ManagementClient;
import io.muster.hub.config.Configuration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands have in common that speak to a running hub. Confined to the main thread. */
public final class ApiOptions {

    @Option(names = "--json", description = "Prints JSON, for machines.")
    private boolean json;

    // Set by picocli before any command runs.
    @SuppressWarnings("NullAway.Init")
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** A client of the hub that the configuration describes. */
    public ManagementClient client() {
        return root().client();
    }

    /** The same, for changes of what must have a revision. */
    public ManagementClient client(RevisionOption revision) {
        return client().ifMatch(revision.revision());
    }

    /** What {@link Root#configuration} says. */
    public Configuration configuration() {
        return root().configuration();
    }

    /** The command above them all. */
    public Root root() {
        return (Root) command.root().userObject();
    }

    /** What to throw if the arguments cannot be meant; {@code sentence} says what is allowed. */
    public ParameterException wrongUsage(String sentence) {
        return new ParameterException(command.commandLine(), sentence);
    }

    /** Where the answer goes. */
    public Output output() {
        return new Output(command.commandLine().getOut(), json);
    }
}
