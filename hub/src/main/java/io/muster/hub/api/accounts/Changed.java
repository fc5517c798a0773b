package io.muster.hub.api.accounts;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a change was, in words for the audit log. */
final class Changed {

    private Changed() {}

    /** Those that are there. */
    static String words(List<Optional<String>> changes) {
        return changes.stream().flatMap(Optional::stream).collect(Collectors.joining(", "));
    }
}
