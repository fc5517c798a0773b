package io.muster.auth.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of one authenticator as the operator wrote them: names and texts. Nested keys are
 * joined with dots.
 *
 * @param name the name of the entry in the configured chain; it appears in metrics and logs
 * @param values setting names and their values; immutable. May hold secrets, so it is never printed
 */
public record AuthenticatorSettings(String name, Map<String, String> values) {

    /** Copies the values. */
    public AuthenticatorSettings {
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
        return find(key)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "authenticator '%s' needs the setting '%s'"
                                                .formatted(name, key)));
    }

    /**
     * Checks that no other settings than these were written, so that a misspelt one is not silently
     * left out.
     *
     * @throws IllegalArgumentException naming the first unknown setting and those that there are
     */
    public void requireOnly(String... known) {
        List<String> allowed = List.of(known);
        values.keySet().stream()
                .filter(key -> !allowed.contains(key))
                .sorted()
                .findFirst()
                .ifPresent(
                        key -> {
                            throw new IllegalArgumentException(
                                    "authenticator '%s' has no setting '%s', only %s"
                                            .formatted(name, key, allowed));
                        });
    }

    /** The names only, since values may be secret. */
    @Override
    public String toString() {
        return "AuthenticatorSettings[name=" + name + ", keys=" + values.keySet() + "]";
    }
}
