package io.muster.hub.cli.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which devices to list. Confined to the main thread. */
final class SearchOptions {

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only those that are inactive, online, offline or disabled.")
    private Optional<String> status = Optional.empty();

    @Option(
            names = "--key-prefix",
            paramLabel = "TEXT",
            description = "Only those whose keys begin so.")
    private Optional<String> keyPrefix = Optional.empty();

    @Option(
            names = "--name-prefix",
            paramLabel = "TEXT",
            description = "Only those whose names begin so.")
    private Optional<String> namePrefix = Optional.empty();

    @Option(
            names = "--tag",
            paramLabel = "NAME=VALUE",
            description = "Only those with this tag; again for more tags.")
    private @Nullable List<String> tags;

    /** As the management API wants them. */
    List<String> parameters() {
        List<String> parameters = new ArrayList<>();
        status.ifPresent(name -> parameters.add("status=" + name.toUpperCase(Locale.ROOT)));
        keyPrefix.ifPresent(prefix -> parameters.add("keyPrefix=" + prefix));
        namePrefix.ifPresent(prefix -> parameters.add("namePrefix=" + prefix));
        if (tags != null) {
            tags.forEach(tag -> parameters.add("tag=" + tag));
        }
        return parameters;
    }
}
