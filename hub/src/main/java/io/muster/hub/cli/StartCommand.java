package io.muster.hub.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code muster start}: runs the hub until the process is asked to end. Standard output is for
 * people and for scripts that wait for the line {@code muster is ready}; the log goes to standard
 * error.
 */
@Command(name = "start", description = "Starts the hub (also without any command).")
final class StartCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    // Picocli sets the specification before it calls the command.
    @SuppressWarnings("NullAway.Init")
    StartCommand() {}

    /** For the root, which starts the hub too. */
    StartCommand(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        MusterCommand.of(spec).hubRun().run();
        return ExitCode.OK;
    }
}
