package io.muster.loadtest.options;

import picocli.CommandLine.Option;

/** How the report is given. Confined to the thread that runs the command. */
public final class OutputOptions {

    @Option(
            names = "--json",
            description = "Print one JSON object at the end, and progress to standard error")
    private boolean json;

    /** Whether JSON is printed. */
    public boolean json() {
        return json;
    }
}
