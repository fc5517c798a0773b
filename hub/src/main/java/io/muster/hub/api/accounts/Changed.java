package io.muster.hub.api.accounts;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a change was, in words for the audit log. */
final class Changed {

    private Changed() {}

    /** Those that are there. */
    @SafeVarargs
    static String words(Optional<String>... changes) {
        return Stream.of(changes).flatMap(Optional::stream).collect(Collectors.joining(", "));
    }
}
