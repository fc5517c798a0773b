package io.muster.hub.cli.options;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Which part of a long list to show. Confined to the main thread. */
public final class PageOptions {

    @Option(
            names = "--after",
            paramLabel = "KEY",
            description = "Shows what comes after this one; the list is in order.")
    private Optional<String> after = Optional.empty();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Shows at most so many (default: ${DEFAULT-VALUE}).")
    private int limit;

    /** Where the page before ended; empty to begin. */
    public Optional<String> after() {
        return after;
    }

    /** At most so many. */
    public int limit() {
        return limit;
    }
}
