package io.muster.hub.cli.operators;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Which part of a list to show. Confined to the main thread. */
final class ListOptions {

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

    Optional<String> after() {
        return after;
    }

    int limit() {
        return limit;
    }
}
