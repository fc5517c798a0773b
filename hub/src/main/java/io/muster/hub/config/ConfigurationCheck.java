package io.muster.hub.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Holds a configuration against the schema: finds what is unknown, missing or not allowed, and
 * lists what is in force. Confined to one thread.
 */
final class ConfigurationCheck {

    private final ConfigObject root;
    private final Problems problems;
    private final List<EffectiveValue> effective = new ArrayList<>();

    ConfigurationCheck(ConfigObject root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    /** Checks all keys; the values in force are complete if there was no problem. */
    List<EffectiveValue> run() {
        findUnknown("", root);
        for (Setting<?> setting : Schema.SETTINGS) {
            // Absent only if its section was replaced by something else, which is reported there.
            Setting.find(root, setting.key())
                    .ifPresent(value -> check(setting.kind(), setting.key(), value));
        }
        Schema.LISTS.forEach(this::checkList);
        return List.copyOf(effective);
    }

    private void findUnknown(String prefix, ConfigObject object) {
        Set<String> keys = Schema.keys();
        Set<String> sections = Schema.sections();
        object.forEach(
                (name, value) -> {
                    String key = prefix + name;
                    if (keys.contains(key)) {
                        return;
                    }
                    if (!sections.contains(key)) {
                        problems.unknownKey(key, value, union(keys, sections));
                    } else if (value instanceof ConfigObject section) {
                        findUnknown(key + ".", section);
                    } else {
                        problems.notAllowed(key, value, "a section: " + key + " { ... }");
                    }
                });
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    private void check(Kind<?> kind, String key, ConfigValue value) {
        Optional<?> read = kind.read(value);
        if (read.isEmpty()) {
            problems.notAllowed(key, value, kind.allowed());
        }
        show(
                key,
                read.isPresent() && read.get() instanceof List<?> list
                        ? joined(list, value)
                        : value);
    }

    /** A list as the environment would give it. */
    private static ConfigValue joined(List<?> list, ConfigValue value) {
        String text = list.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return ConfigValueFactory.fromAnyRef(text).withOrigin(value.origin());
    }

    private void show(String key, ConfigValue value) {
        effective.add(
                new EffectiveValue(key, Display.value(key, value), Display.origin(value.origin())));
    }

    private void checkList(Schema.EntryList list) {
        Optional<ConfigValue> found = Setting.find(root, list.key());
        if (found.isEmpty()) {
            return;
        }
        if (!(found.get() instanceof ConfigList entries)) {
            problems.notAllowed(list.key(), found.get(), "a list: [ { ... }, ... ]");
            return;
        }
        if (entries.isEmpty()) {
            show(list.key(), entries);
        }
        for (int i = 0; i < entries.size(); i++) {
            String key = list.key() + "." + i;
            if (entries.get(i) instanceof ConfigObject entry) {
                checkEntry(list, key, entry);
            } else {
                problems.notAllowed(key, entries.get(i), "an entry: { ... }");
            }
        }
    }

    private void checkEntry(Schema.EntryList list, String key, ConfigObject entry) {
        Set<String> known = new TreeSet<>();
        for (Setting<?> setting : list.settings()) {
            String name = setting.key();
            known.add(name);
            ConfigValue value = entry.get(name);
            if (value == null) {
                problems.missing(key + "." + name, entry.origin(), setting.kind().allowed());
            } else {
                check(setting.kind(), key + "." + name, value);
            }
        }
        Optional<List<Setting<?>>> builtIn = list.open() ? builtIn(entry) : Optional.of(List.of());
        entry.forEach(
                (name, value) -> {
                    if (known.contains(name)) {
                        return;
                    }
                    if (builtIn.isPresent()) {
                        checkFurther(builtIn.get(), key + "." + name, name, value, known);
                    } else {
                        checkFree(key + "." + name, value);
                    }
                });
    }

    /** What an entry may have besides; empty if only its plug-in knows. */
    private static Optional<List<Setting<?>>> builtIn(ConfigObject entry) {
        return Optional.ofNullable(entry.get(Schema.CHAIN_TYPE.key()))
                .flatMap(Schema.CHAIN_TYPE.kind()::read)
                .map(Schema.BUILT_IN_AUTHENTICATORS::get);
    }

    private void checkFurther(
            List<Setting<?>> optional,
            String key,
            String name,
            ConfigValue value,
            Set<String> required) {
        Optional<Setting<?>> found =
                optional.stream().filter(setting -> setting.key().equals(name)).findFirst();
        if (found.isPresent()) {
            check(found.get().kind(), key, value);
            return;
        }
        Set<String> allowed = new TreeSet<>(required);
        optional.forEach(setting -> allowed.add(setting.key()));
        problems.add(
                Display.origin(value.origin()),
                "%s = %s: unknown key; allowed are %s"
                        .formatted(key, Display.value(key, value), String.join(", ", allowed)));
    }

    private void checkFree(String key, ConfigValue value) {
        if (value instanceof ConfigObject section) {
            section.forEach((name, inner) -> checkFree(key + "." + name, inner));
        } else {
            check(Kind.text("a text, a number, true or false", "(?s).*"), key, value);
        }
    }
}
