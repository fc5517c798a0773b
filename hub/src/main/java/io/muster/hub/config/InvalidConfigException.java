package io.muster.hub.config;

import java.util.List;

/** The configuration is not valid; the hub must not start with it. */
public final class InvalidConfigException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /** With a line for each problem. */
    public InvalidConfigException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /** One line for each problem: file and line, key, value and what is allowed. */
    public List<String> problems() {
        return problems;
    }
}
