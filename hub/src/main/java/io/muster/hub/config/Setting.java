package io.muster.hub.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Locale;
import java.util.Optional;

/**
 * A key of the configuration and the kind of its value. Immutable.
 *
 * @param key names joined with dots; within a list entry, the name only
 * @param kind what is allowed
 * @param <T> what the value is read into
 */
record Setting<T>(String key, Kind<T> kind) {

    /** Starts the name of every environment variable that is ours. */
    static final String VARIABLE_PREFIX = "MUSTER_";

    /**
     * The value in a configuration that was checked.
     *
     * @throws IllegalStateException if it was not
     */
    T in(ConfigObject checked) {
        return find(checked, key)
                .flatMap(kind::read)
                .orElseThrow(() -> new IllegalStateException(key + " was not checked"));
    }

    /** The value under a key, through the sections that the dots of the key name. */
    static Optional<ConfigValue> find(ConfigObject object, String key) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            return Optional.ofNullable(object.get(key));
        }
        return object.get(key.substring(0, dot)) instanceof ConfigObject section
                ? find(section, key.substring(dot + 1))
                : Optional.empty();
    }

    /** The environment variable that sets a key. */
    static String variable(String key) {
        return VARIABLE_PREFIX + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
