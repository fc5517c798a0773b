package io.muster.auth.secret;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A client identifier that carries options: {@code clientId|key=value,key=value|}. Immutable.
 *
 * <p>It is cut at the first bar, since the part before it may hold commas, braces and equals signs;
 * the options stand between the first bar and the last one.
 *
 * @param clientId the part before the options, as it was signed; may be empty
 * @param options the options by their names in lower case; of several with one name the first
 */
record ConnectParameters(String clientId, Map<String, String> options) {

    private static final char BAR = '|';
    private static final String COMPRESSION = "compress=";
    private static final String NO_COMPRESSION = "default";

    /** Copies the options. */
    ConnectParameters {
        options = Map.copyOf(options);
    }

    /** The parameters in {@code clientIdentifier}, or empty if it has no block of options. */
    static Optional<ConnectParameters> parse(String clientIdentifier) {
        int first = clientIdentifier.indexOf(BAR);
        int last = clientIdentifier.lastIndexOf(BAR);
        if (first == last) {
            return Optional.empty();
        }
        Map<String, String> options = new HashMap<>();
        for (String pair : clientIdentifier.substring(first + 1, last).split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String key = pair.substring(0, equals).strip().toLowerCase(Locale.ROOT);
                options.putIfAbsent(key, pair.substring(equals + 1).strip());
            }
        }
        return Optional.of(new ConnectParameters(clientIdentifier.substring(0, first), options));
    }

    /**
     * How the device compresses each payload that it sends, and expects each that it is sent, as
     * the Java SDK announces it: {@code dev1{ip=10.0.0.5,compress=GZIP}}; in lower case. Empty if
     * it does not.
     */
    Optional<String> compression() {
        int block = clientId.lastIndexOf('{');
        if (block < 0 || !clientId.endsWith("}")) {
            return Optional.empty();
        }
        String facts = clientId.substring(block + 1, clientId.length() - 1);
        return Arrays.stream(facts.split(",", -1))
                .map(String::strip)
                .filter(fact -> fact.startsWith(COMPRESSION))
                .map(fact -> fact.substring(COMPRESSION.length()))
                .map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> !name.equals(NO_COMPRESSION))
                .findFirst();
    }

    Optional<String> find(String option) {
        return Optional.ofNullable(options.get(option));
    }
}
