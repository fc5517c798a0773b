package io.muster.hub.cli.start;

import io.muster.hub.cli.output.Output;
import io.muster.hub.config.Configuration;
import io.muster.hub.config.ConfigurationLoader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The options of the root: which hub is meant. An immutable value.
 *
 * @param config configuration file
 * @param data data folder
 */
public record HubOptions(Optional<Path> config, Optional<Path> data) {

    /**
     * Reads the arguments of a plain start: {@code start} or nothing, and {@code --config} and
     * {@code --data} with a value each. Empty if they are anything else, which picocli can explain.
     * It reads these too, but Java must check its classes, of an old format, in an old and slow way
     * at each start.
     */
    public static Optional<HubOptions> ofPlainStart(List<String> arguments) {
        HubOptions options = new HubOptions(Optional.empty(), Optional.empty());
        Iterator<String> words = arguments.iterator();
        boolean isFirst = true;
        while (words.hasNext()) {
            String word = words.next();
            if (!isFirst || !word.equals("start")) {
                Optional<HubOptions> more = options.with(word, words);
                if (more.isEmpty()) {
                    return Optional.empty();
                }
                options = more.get();
            }
            isFirst = false;
        }
        return Optional.of(options);
    }

    private Optional<HubOptions> with(String option, Iterator<String> words) {
        String value = words.hasNext() ? words.next() : "";
        if (value.isEmpty() || value.startsWith("-")) {
            return Optional.empty();
        }
        try {
            if (option.equals("--config") && config.isEmpty()) {
                return Optional.of(new HubOptions(Optional.of(Path.of(value)), data));
            }
            if (option.equals("--data") && data.isEmpty()) {
                return Optional.of(new HubOptions(config, Optional.of(Path.of(value))));
            }
            return Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * The configuration that they and the environment name.
     *
     * @throws io.muster.hub.config.InvalidConfigException if there is anything wrong with it
     */
    public Configuration configuration(Map<String, String> environment) {
        return ConfigurationLoader.load(config, data, environment);
    }

    /** As they stand behind a command, with a blank before each. */
    String asArguments() {
        return config.map(file -> " --config " + Output.quoted(file.toString())).orElse("")
                + data.map(folder -> " --data " + Output.quoted(folder.toString())).orElse("");
    }
}
