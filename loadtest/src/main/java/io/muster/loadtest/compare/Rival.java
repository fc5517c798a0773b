package io.muster.loadtest.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is compared. An immutable value.
 *
 * @param name in the results
 * @param host name or address
 * @param port TCP port
 * @param pid its process; null when it is not looked at
 */
public record Rival(String name, String host, String port, @Nullable String pid) {

    private static final Pattern FORM =
            Pattern.compile("([^=,\\s]+)=([^,\\s]+):(\\d{1,5})(?:,(\\d{1,10}))?");

    /**
     * Reads {@code NAME=HOST:PORT} or {@code NAME=HOST:PORT,PID}.
     *
     * @throws IllegalArgumentException that says what it should be
     */
    public static Rival parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "a broker must be NAME=HOST:PORT or NAME=HOST:PORT,PID, not '%s'"
                            .formatted(text));
        }
        return new Rival(form.group(1), form.group(2), form.group(3), form.group(4));
    }

    /** The options that name it. */
    public List<String> options() {
        List<String> options = new ArrayList<>(List.of("--host", host, "--port", port));
        if (pid != null) {
            options.addAll(List.of("--broker-pid", pid));
        }
        return options;
    }
}
