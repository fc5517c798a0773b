package io.muster.auth.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Makes authenticators of one kind. Found by {@link java.util.ServiceLoader}: name the class in
 * {@code META-INF/services/io.muster.auth.spi.AuthenticatorProvider} of the plug-in's jar, and give
 * it a public constructor without parameters.
 */
public interface AuthenticatorProvider {

    /**
     * The name by which the configuration refers to this kind, for example {@code "ldap"};
     * lower-case letters, digits and hyphens.
     */
    String type();

    /**
     * Makes an authenticator. Called once at start-up for each entry of this type in the configured
     * chain, on the starting thread; it may block.
     *
     * @param settings the entry's settings
     * @throws IllegalArgumentException if a setting is missing or wrong; the message names the key
     *     and what is allowed, and the hub does not start
     */
    Authenticator create(Settings settings);

    /**
     * The settings of one authenticator as the operator wrote them: names and texts. Nested keys
     * are joined with dots.
     *
     * @param name the name of the entry in the configured chain; it appears in metrics and logs
     * @param values setting names and their values; immutable. May hold secrets, so it is never
     *     printed
     */
    record Settings(String name, Map<String, String> values) {

        /** Copies the values. */
        public Settings {
            values = Map.copyOf(values);
        }

        /** The value of an optional setting. */
        public Optional<String> find(String key) {
            return Optional.ofNullable(values.get(key));
        }

        /**
         * The value of a setting that must be there.
         *
         * @throws IllegalArgumentException naming the key, if it is not there
         */
        public String require(String key) {
            if (!values.containsKey(key)) {
                throw new IllegalArgumentException(
                        "authenticator '%s' needs the setting '%s'".formatted(name, key));
            }
            return values.get(key);
        }

        /**
         * Checks that no other settings than these were written, so that a misspelt one is not
         * silently left out.
         *
         * @throws IllegalArgumentException naming the first unknown setting and those that there
         *     are
         */
        public void requireOnly(String... known) {
            List<String> allowed = List.of(known);
            for (String key : new TreeSet<>(values.keySet())) {
                if (!allowed.contains(key)) {
                    throw new IllegalArgumentException(
                            "authenticator '%s' has no setting '%s', only %s"
                                    .formatted(name, key, allowed));
                }
            }
        }

        /** The names only, since values may be secret. */
        @Override
        public String toString() {
            return "Settings[name=" + name + ", keys=" + values.keySet() + "]";
        }
    }
}
