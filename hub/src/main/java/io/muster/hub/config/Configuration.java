package io.muster.hub.config;

import java.util.List;

/**
 * A configuration that was read and found valid.
 *
 * @param hub what the hub is built from
 * @param log what the process logs, and how
 * @param values all values in force, for people
 */
public record Configuration(HubConfig hub, Log log, List<EffectiveValue> values) {

    /** Copies the list. */
    public Configuration {
        values = List.copyOf(values);
    }

    /**
     * What is logged.
     *
     * @param level error, warn, info, debug or trace
     * @param format text or json
     */
    public record Log(String level, String format) {}
}
