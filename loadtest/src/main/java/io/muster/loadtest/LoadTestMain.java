package io.muster.loadtest;

import picocli.CommandLine;

/** The door of the load tester's own runnable jar. */
public final class LoadTestMain {

    private LoadTestMain() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param arguments the options of {@link LoadTestCommand}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LoadTestCommand()).execute(arguments));
    }
}
