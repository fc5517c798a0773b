package io.muster.hub.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of the configuration that environment variables give. A variable of ours that names no
 * key is a problem, since a misspelt limit would otherwise silently not hold. Confined to one
 * thread.
 */
final class Environment {

    /** Variables with our prefix that are no keys: the launcher and the command line read them. */
    static final Set<String> RESERVED =
            Set.of(
                    "MUSTER_CONFIG",
                    "MUSTER_JAVA_OPTS",
                    "MUSTER_PLUGINS",
                    "MUSTER_ARCHIVE",
                    "MUSTER_API_KEY");

    private final Map<String, String> variables;
    private final Problems problems;

    Environment(Map<String, String> all, Problems problems) {
        this.variables = new TreeMap<>(all);
        this.variables
                .keySet()
                .removeIf(
                        name ->
                                !name.startsWith(Setting.VARIABLE_PREFIX)
                                        || RESERVED.contains(name));
        this.problems = problems;
    }

    /** What a variable's value is called in messages. */
    static String origin(String variable) {
        return "environment variable " + variable;
    }

    /** The variables that give single values or whole lists. */
    Config wholeKeys() {
        Config config = ConfigFactory.empty();
        for (String key : Schema.keys()) {
            String text = variables.remove(Setting.variable(key));
            if (text != null) {
                config = config.withValue(key, parse(key, text));
            }
        }
        return config;
    }

    /**
     * Puts the variables that give one value of a list entry into place, and reports those left
     * that fit nowhere. To be called last.
     */
    Config withListEntries(Config resolved) {
        Config config = resolved;
        for (Schema.EntryList list : Schema.LISTS) {
            config = withEntriesOf(list, config);
        }
        Set<String> known =
                Stream.concat(Schema.keys().stream().map(Setting::variable), RESERVED.stream())
                        .collect(Collectors.toSet());
        variables
                .keySet()
                .forEach(
                        name ->
                                problems.add(
                                        origin(name),
                                        "no such key; " + Suggestion.forWord(name, known)));
        return config;
    }

    private Config withEntriesOf(Schema.EntryList list, Config config) {
        String prefix = Setting.variable(list.key()) + "_";
        List<String> names =
                variables.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
        if (names.isEmpty() || config.getValue(list.key()).valueType() != ConfigValueType.LIST) {
            return config;
        }
        List<ConfigValue> entries = new ArrayList<>(config.getList(list.key()));
        names.forEach(name -> putInto(entries, list, name, name.substring(prefix.length())));
        return config.withValue(list.key(), ConfigValueFactory.fromIterable(entries));
    }

    private void putInto(
            List<ConfigValue> entries, Schema.EntryList list, String variable, String rest) {
        String[] indexAndField = rest.split("_", 2);
        if (indexAndField.length < 2 || !indexAndField[0].matches("\\d{1,4}")) {
            return;
        }
        int index = Integer.parseInt(indexAndField[0]);
        if (index > entries.size()) {
            variables.remove(variable);
            problems.add(
                    origin(variable),
                    "index %d leaves a gap: %s has %d entries"
                            .formatted(index, list.key(), entries.size()));
            return;
        }
        if (index == entries.size()) {
            entries.add(ConfigValueFactory.fromMap(Map.of(), origin(variable)));
        }
        if (entries.get(index) instanceof ConfigObject entry) {
            String field = fieldNamed(indexAndField[1], list, entry);
            entries.set(
                    index,
                    entry.withValue(
                            field,
                            ConfigValueFactory.fromAnyRef(
                                    variables.remove(variable), origin(variable))));
        }
    }

    /** The entry's own key of that spelling; else underscores are taken for dashes. */
    private static String fieldNamed(String spelling, Schema.EntryList list, ConfigObject entry) {
        String wanted = Setting.VARIABLE_PREFIX + spelling;
        return Stream.concat(list.settings().stream().map(Setting::key), entry.keySet().stream())
                .filter(key -> Setting.variable(key).equals(wanted))
                .findFirst()
                .orElseGet(() -> spelling.replace('_', '-').toLowerCase(Locale.ROOT));
    }

    private ConfigValue parse(String key, String text) {
        String origin = origin(Setting.variable(key));
        if (Schema.SETTINGS.stream().anyMatch(setting -> setting.key().equals(key))) {
            return ConfigValueFactory.fromAnyRef(text, origin);
        }
        try {
            ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(origin);
            return ConfigFactory.parseString(key + " = " + text, options).getValue(key);
        } catch (ConfigException e) {
            // The text may hold secrets, and the parser would quote it.
            problems.add(origin, key + ": must be a list in HOCON, such as [{name=a}, {name=b}]");
            return ConfigValueFactory.fromIterable(List.of(), origin);
        }
    }
}
