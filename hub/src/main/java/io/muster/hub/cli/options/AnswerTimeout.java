package io.muster.hub.cli.options;

import picocli.CommandLine.Option;

/** How long a command waits for the answer of a device. Confined to the main thread. */
public final class AnswerTimeout {

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "10",
            description = "Seconds to wait for the answer, 1 to 60 (default: ${DEFAULT-VALUE}).")
    private int seconds;

    /** In seconds. */
    public int seconds() {
        return seconds;
    }
}
