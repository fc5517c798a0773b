package io.muster.hub.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects what is wrong with a configuration, a line for each. Confined to one thread. */
final class Problems {

    private final List<String> lines = new ArrayList<>();

    /** A value that is not allowed for its key. */
    void notAllowed(String key, ConfigValue value, String allowed) {
        lines.add(
                "%s: %s = %s: must be %s"
                        .formatted(
                                Display.origin(value.origin()),
                                key,
                                Display.value(key, value),
                                allowed));
    }

    /** A key that must be there and is not. */
    void missing(String key, ConfigOrigin entry, String allowed) {
        lines.add("%s: %s is missing: must be %s".formatted(Display.origin(entry), key, allowed));
    }

    /** A key that nothing knows. */
    void unknownKey(String key, ConfigValue value, Collection<String> known) {
        lines.add(
                "%s: %s = %s: unknown key; %s"
                        .formatted(
                                Display.origin(value.origin()),
                                key,
                                Display.value(key, value),
                                Suggestion.forWord(key, known)));
    }

    /** Anything else, as a whole sentence. */
    void add(String origin, String sentence) {
        lines.add((origin + ": " + sentence).replaceAll("\\s*[\r\n]+\\s*", " "));
    }

    /** What was found so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /**
     * Goes on only if nothing is wrong.
     *
     * @throws InvalidConfigException with all lines, if something is
     */
    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new InvalidConfigException(lines);
        }
    }
}
