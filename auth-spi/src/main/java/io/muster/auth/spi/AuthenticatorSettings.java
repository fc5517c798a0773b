package io.muster.auth.spi;

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
                                        "authenticator '"
                                                + name
                                                + "' needs the setting '"
                                                + key
                                                + "'"));
    }

    /** The names only, since values may be secret. */
    @Override
    public String toString() {
        return "AuthenticatorSettings[name=" + name + ", keys=" + values.keySet() + "]";
    }
}
