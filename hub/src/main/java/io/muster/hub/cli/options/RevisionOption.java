package io.muster.hub.cli.options;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Of which revision something must be that is to be changed. Confined to the main thread. */
public final class RevisionOption {

    @Option(
            names = "--if-match",
            paramLabel = "N",
            description = "Only if it has this revision, as it is shown.")
    private Optional<Long> revision = Optional.empty();

    /** Empty if any will do. */
    public Optional<Long> revision() {
        return revision;
    }
}
